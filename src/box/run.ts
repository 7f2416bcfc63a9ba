/**
 * Opens a box around one command, from outside, and gives the command's status.
 */
import { bridgeSpec } from './bridge.ts';
import { BoxError, messageOf } from './errors.ts';
import { checkFuseDevice, checkOutside, isAdministrator } from './namespace.ts';
import { type Ending, Opening } from './opening.ts';
import type { BoxSpec, MachineToBoot, NameService, TraceSubject } from './protocol.ts';
import { hasShared } from './shared-memory.ts';
import { mark, startMarks, timingAsked } from './timing.ts';

export interface BoxOptions {
  /**
   * Gives a resolved machine description, as plain data, or a promise of it. Called once, while the
   * box is being opened; what it throws, `runInBox` rejects with.
   */
  machine(): unknown;
  /** What other hosts of its shared devices call the machine; absent: as its description says. */
  readonly host?: string;
  /** Program and arguments; looked up on PATH inside the box. */
  readonly command: readonly string[];
  /** Variables for the command, beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** To print on stderr: requests and answers of the mount, steps of the driver core. */
  readonly trace?: readonly TraceSubject[];
  /**
   * `own`: the command gets a new terminal (by script(1)), connected to the caller's, which must be
   * one: for shells. Absent: the command shares the caller's standard streams, so that Ctrl-Z
   * suspends it with the box.
   */
  readonly terminal?: 'own';
  /**
   * Root in the box may change the host as root may: its files of /sys and /proc/sys, its devices.
   * Without it, those are read-only or not there, and the host's capabilities stay outside.
   */
  readonly allowHostWrites?: boolean;
  /** How the kernel learns the names of the box's files; default: leased. */
  readonly names?: NameService;
  /**
   * Whether system calls that no file can answer go to the machine (docs/bridge.md): `off`: no;
   * `required`: rejects with CXLBOX_NO_BRIDGE where it is not to be had. Absent: where it is to be
   * had; where it is not, standard error says why.
   */
  readonly bridge?: 'off' | 'required';
  /** Called when the box is open and the command started. */
  onReady?(): void;
  /**
   * URL of a module that exports `boot(machine)`, to serve another machine than this package makes.
   */
  readonly bootModule?: string;
}

/** CXLBOX_WORKING_DIRECTORY: it was deleted, or its path may not be looked at. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new BoxError('CXLBOX_WORKING_DIRECTORY', messageOf(error));
  }
}

function specOf(options: BoxOptions, processNamespace: boolean): BoxSpec {
  const administrator = isAdministrator();
  return {
    command: options.command,
    cwd: workingDirectory(),
    ...bridgeSpec(options.bridge),
    trace: options.trace ?? [],
    names: options.names ?? 'leased',
    ownTerminal: options.terminal === 'own',
    processNamespace,
    environment: options.environment ?? {},
    umask: process.umask(),
    administrator,
    guarded: administrator && options.allowHostWrites !== true,
    ...(options.bootModule === undefined ? {} : { bootModule: options.bootModule }),
  };
}

/**
 * Runs the command in a box of its own, on this process's standard streams, and resolves to its
 * exit status: 128 + n if signal n ended it, 127 if it was not found, 126 if it cannot be executed.
 * When it resolves or rejects, nothing of the box is left. Rejects with BoxError if the box could
 * not be opened or was lost.
 */
export async function runInBox(options: BoxOptions): Promise<number> {
  const timing = timingAsked(process.env.CXLBOX_TIMING);
  startMarks('cxlbox', timing);
  checkOutside();
  checkFuseDevice();
  let leave = (): void => {};
  const prepare = async (): Promise<MachineToBoot> => {
    const description = await options.machine();
    if (!hasShared(description)) return { description };
    const { attachShared } = await import('./shared-attachment.ts');
    const attached = attachShared(description, options.host);
    leave = attached.leave;
    return { description, shared: attached.memory };
  };
  let machine: Promise<MachineToBoot> | undefined;
  const machineOnce = (): Promise<MachineToBoot> => {
    machine ??= prepare();
    return machine;
  };
  const open = (processNamespace: boolean): Promise<Ending> => {
    const spec = specOf(options, processNamespace);
    return new Opening(spec, machineOnce, timing, () => options.onReady?.()).run();
  };
  try {
    const first = await open(true);
    const ending = first === 'retry' ? await open(false) : first;
    mark('box gone');
    if (ending !== 'retry') return ending.status;
    throw new BoxError('CXLBOX_LOST', 'asked for a second retry');
  } finally {
    leave();
  }
}
