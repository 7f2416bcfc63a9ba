/**
 * What the processes of one box tell each other.
 *
 * The program that opens a box tells the shells inside what to do (keeper.ts), and talks to the
 * machine's process until that serves: from then on it blocks on the FUSE device.
 */
import type { SharedMemory } from '../media/shared-memory.ts';
import type { BoxErrorCode } from './errors.ts';

/** What can be printed on stderr: requests and answers of the mount, steps of the driver core. */
export type TraceSubject = 'fuse' | 'driver';

/**
 * `leased`: the kernel keeps the names of a box's files until the machine takes them back. `asked`:
 * it asks the machine for each name at each use.
 */
export type NameService = 'leased' | 'asked';

/** How the command is started with a bridge (docs/bridge.md). */
export interface BridgeSpec {
  /** Path of perl. */
  readonly perl: string;
  /** The box is not to be opened without. */
  readonly required: boolean;
}

export interface BoxSpec {
  /**
   * Module (file URL) whose export `boot(machine)` makes the machine; absent: the one of this
   * package.
   */
  readonly bootModule?: string;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Absent: it was not wanted, or `bridgeMissing` says why there is none. */
  readonly bridge?: BridgeSpec;
  readonly bridgeMissing?: string;
  /** Variables for the command, beside those of the parent. */
  readonly environment: Readonly<Record<string, string>>;
  readonly trace: readonly TraceSubject[];
  readonly names: NameService;
  /** The command gets a terminal of its own, connected to the caller's. */
  readonly ownTerminal: boolean;
  /** False where a process namespace with its own /proc is not to be had. */
  readonly processNamespace: boolean;
  /** Of the command. */
  readonly umask: number;
  /**
   * The box is opened with rights on the host's own file systems, not by those of a user namespace.
   */
  readonly administrator: boolean;
  /** An administrator's rights on the host stay outside of the command's view. */
  readonly guarded: boolean;
}

export interface MachineToBoot {
  /** What `boot` is given: a resolved machine description, as plain data. */
  readonly description: unknown;
  readonly shared?: SharedMemory | undefined;
}

/**
 * The machine comes after the start: reading a machine file takes as long as starting a process,
 * and both can be done at once.
 */
export type ToMachine =
  /** The stage is there. `timing`: when `cxlbox` started, if marks of time are to be printed. */
  | { readonly type: 'start'; readonly spec: BoxSpec; readonly timing: number | undefined }
  | { readonly type: 'machine'; readonly machine: MachineToBoot }
  /** What was prepared is mounted. */
  | { readonly type: 'mounted' };

export type FromMachine =
  /** The table of mounts that need no machine is written. */
  | { readonly type: 'prepared' }
  /** The mount wants its guard (guard.ts), which only a process outside can be. */
  | { readonly type: 'guard' }
  /** The file of calls was closed: the bridge, which has it open, has ended. */
  | { readonly type: 'unbridged' }
  /**
   * The machine is about to serve, and the table of the view is written; what is missing in
   * /proc/mounts.
   */
  | { readonly type: 'serving'; readonly addedEntries: string }
  | { readonly type: 'failed'; readonly code: BoxErrorCode; readonly why: string };

/** Descriptor of the socket process that is closed when its main thread is gone. */
export const WITNESS = 3;
