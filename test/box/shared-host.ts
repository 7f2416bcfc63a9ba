/**
 * A box of a machine with shared devices, kept open.
 */
import type { Who } from './box-process.ts';
import { OpenBox, opening } from './open-box.ts';

export interface HostOptions {
  /** Value of CXLBOX_SHARED. */
  readonly root: string;
  /** Arguments of `cxlbox run` before the command. */
  readonly args: readonly string[];
}

export class Host extends OpenBox {
  constructor(who: Who, { root, args }: HostOptions) {
    super(who, opening(args), { CXLBOX_SHARED: root });
  }
}
