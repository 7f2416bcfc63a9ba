/**
 * What the processes and threads of one box tell each other.
 *
 * The program that opens a box (parent) talks to the first process inside (init) over Node's IPC
 * channel; when the channel closes, because the parent is gone in whatever way, init ends the box.
 * Init talks to the thread that holds the machine only until the machine serves: from then on that
 * thread blocks on the FUSE device.
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
export type ToInit =
  | { readonly type: 'start'; readonly spec: BoxSpec }
  | { readonly type: 'machine'; readonly machine: MachineToBoot }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'end' };

export type FromInit =
  /** The mount wants its guard (guard.ts), which only the parent can start. */
  | { readonly type: 'guard' }
  /** The command runs. */
  | { readonly type: 'ready' }
  | { readonly type: 'exited'; readonly status: number }
  | { readonly type: 'failed'; readonly code: BoxErrorCode; readonly why: string }
  /** No /proc of its own could be mounted: open the box again without a process namespace. */
  | { readonly type: 'retry' };

/**
 * What the machine's thread is started with; the machine itself (MachineToBoot) is then its one
 * message.
 */
export interface MachineThreadData {
  readonly spec: BoxSpec;
  /** The open FUSE device; the thread waits for it to be mounted. */
  readonly fuseDevice: number;
  /** A directory, open, that holds `dev` and `media` of the box. */
  readonly stage: number;
  /** One cell, 1 when the mount has its guard. */
  readonly guarded: Int32Array;
}

export type FromMachineThread =
  /** The mount wants its guard. */
  | { readonly type: 'guard' }
  | {
      readonly type: 'booted';
      /** Names below /proc that the machine serves. */
      readonly procFiles: readonly string[];
      /** Paths below /sys where the machine leaves room for the host's own directory. */
      readonly hostDirectories: readonly string[];
      /** Folders of the mount that belong into /dev. */
      readonly devFolders: readonly string[];
      /** Names below the folder of nodes (character-nodes.ts) that want to be devices. */
      readonly nodes: readonly string[];
    }
  | {
      readonly type: 'failed';
      readonly why: string;
      /** errno, or code of Node, of what failed. */
      readonly code?: string | undefined;
    };

/** Descriptor of the socket process that is closed when its main thread is gone. */
export const WITNESS = 3;
