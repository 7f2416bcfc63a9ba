/**
 * What can keep a fault from being injected or cleared.
 */

import { CommandError } from '../common/command-error.ts';

/** This /sys does not belong to a box: only a box's model has faults other than poison. */
export class NoFaultsError extends CommandError {
  readonly remedy =
    'run it inside a box: cxlbox run -- sh -c "cxlbox fault ..."; a real host can only be given poison';

  constructor() {
    super('faults can be injected only into a box, and this /sys does not belong to one');
    this.name = 'NoFaultsError';
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EINVAL: 'correct it; docs/faults.md describes every kind of fault',
  ENODEV: 'give a name of /sys/bus/cxl/devices or /sys/bus/pci/devices',
  EBUSY: 'take the memory offline first',
  EEXIST: 'see cxlbox fault list',
  ENOENT: 'see cxlbox fault list',
};

/** The box, or the kernel of a real host, refused. */
export class FaultError extends CommandError {
  readonly remedy: string;

  /** `errno`: as the box gave it. */
  constructor(
    what: string,
    reason: string,
    errno: string,
    remedy: string = REMEDIES[errno] ?? 'see cxlbox dmesg',
  ) {
    super(`${what}: ${reason} (${errno})`);
    this.name = 'FaultError';
    this.remedy = remedy;
  }
}
