/**
 * The bridge of a box: perl starts it before it becomes the command, and it tells here whether it
 * works.
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../machine-files/package-root.ts';
import { BoxError } from './errors.ts';
import { FD } from './keeper.ts';
import type { BoxSpec } from './protocol.ts';
import { complain } from './standard-error.ts';

const SURFACES = ['ioctl'] as const;

function findProgram(name: string, path: string): string | undefined {
  const candidates = path
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => `${folder}/${name}`);
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Looked for outside, where a refusal costs nothing. */
export function bridgeSpec(
  wish: 'off' | 'required' | undefined,
  path = process.env.PATH ?? '',
): Pick<BoxSpec, 'bridge' | 'bridgeMissing'> {
  if (wish === 'off') return {};
  const required = wish === 'required';
  const perl = findProgram('perl', path);
  if (perl !== undefined) return { bridge: { perl, required } };
  const missing = 'perl was not found on PATH';
  if (required) throw new BoxError('CXLBOX_NO_BRIDGE', missing);
  return { bridgeMissing: missing };
}

/**
 * The command line with the bridge around it. Of the launcher's descriptors it needs the control
 * socket, to report how it went, and `FD.go`, which closes when `cxlbox` is gone.
 */
export function bridged(
  { bridge }: Pick<BoxSpec, 'bridge'>,
  command: readonly string[],
): readonly string[] {
  if (bridge === undefined) return command;
  const program = join(packageRoot(), 'dist', 'bridge', 'bridge.pl');
  const wish = bridge.required ? 'required' : 'if-possible';
  const descriptors = [FD.control, FD.go].map(String);
  return [bridge.perl, program, ...descriptors, SURFACES.join(','), wish, '--', ...command];
}

function warn(text: string): void {
  complain(`cxlbox: ${text} (docs/bridge.md)`);
}

function tellMissing(why: string): void {
  warn(`ioctl(2) of the box's devices is not answered, for want of a bridge: ${why}`);
}

/** Says what is missing, once. */
export class BridgeWatch {
  private readonly spec: Pick<BoxSpec, 'bridge' | 'bridgeMissing'>;
  private on = false;

  constructor(spec: Pick<BoxSpec, 'bridge' | 'bridgeMissing'>) {
    this.spec = spec;
  }

  /** To be called before the command is let go. */
  start(): void {
    const { bridgeMissing } = this.spec;
    if (bridgeMissing !== undefined) tellMissing(bridgeMissing);
  }

  /** `report`: `on`, or `off` with the reason. CXLBOX_NO_BRIDGE: it must not be off. */
  hear(report: string): void {
    this.on = report === 'on';
    if (this.on) return;
    const why = report.replace(/^off /, '');
    if (this.spec.bridge?.required === true) throw new BoxError('CXLBOX_NO_BRIDGE', why);
    tellMissing(why);
  }

  /** The bridge has closed its file of calls, or another program that had it open has. */
  close(): void {
    if (this.on) warn('the bridge has ended: ioctl(2) of devices gives ENOSYS now');
    this.on = false;
  }
}
