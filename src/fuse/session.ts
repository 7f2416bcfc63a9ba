/**
 * State that the handlers of one mount share, and their messages to and from the owner of the tree.
 */
import type { Errno } from '../errno.ts';
import { type KernfsDirectory, type KernfsFile, KernfsRoot } from '../kernfs/node.ts';
import type { Access, OpenFile } from '../kernfs/open-file.ts';
import type { MemoryFile, MemoryFiles } from './dax-memory.ts';
import { HandleTable } from './handles.ts';
import type { SendLate } from './late-answers.ts';
import { Leases } from './leases.ts';
import { NodeAttributes, type Timestamp } from './node-attributes.ts';
import { NodeTable } from './node-table.ts';
import type { Notify } from './notify.ts';
import { type Due, PollWatchers } from './poll-watchers.ts';
import type { Reply, Request } from './wire/message.ts';

export interface ServerOptions {
  readonly root: KernfsDirectory;
  /** The clock of timestamps. */
  now(): Timestamp;
  /** How a file of the tree is opened; default: as its own rules say. Throws KernelError. */
  open?(file: KernfsFile, access: Access): OpenFile;
  /**
   * How an open file is written, and what else follows from it: the count taken. Throws
   * KernelError.
   */
  write?(open: OpenFile, text: string): number;
  /** Runs after a write, taken or refused, and before the writer is answered. */
  afterWrite?(file: KernfsFile): void;
  /** A handler failed in a way that no file operation may: it is answered with EIO. */
  fault?(error: unknown, operation: string): void;
  /**
   * True when names may be leased to the kernel, which needs `sendLate` and a root that is a
   * KernfsRoot. Absent: the kernel asks for each name at each use.
   */
  leasing?(): boolean;
  /** Which files of the tree are memory. */
  readonly memory?: MemoryFiles | undefined;
  /** Milliseconds by which the answer of the write that was just served is to be late. */
  takeDelay?(): number;
  /**
   * Sends what cannot be sent at once; needed with `memory`, `takeDelay` and `nextDue`. Not from
   * the serving thread: the kernel answers an invalidation only when the dirty pages have been
   * written back, which takes the serving thread.
   */
  readonly sendLate?: SendLate | undefined;
  /**
   * Lets the time of the tree catch up, before each request. True: something may have changed.
   */
  passTime?(): boolean;
  /**
   * When something happens next by itself, and may wake pollers: asked after each request; needs
   * `sendLate`. Undefined: never.
   */
  nextDue?(): Due | undefined;
  /** Takes a line for each request and each answer. */
  trace?(line: string): void;
}

export interface DirectoryHandle {
  readonly directory: KernfsDirectory;
  readonly ino: number;
  /** The names as they were at the last read from the start. */
  names: readonly string[];
}

export interface FileHandle {
  readonly open: OpenFile;
}

export class Session {
  readonly options: ServerOptions;
  readonly nodes: NodeTable;
  readonly attributes: NodeAttributes;
  readonly files = new HandleTable<FileHandle>();
  readonly memoryFiles = new HandleTable<MemoryFile>();
  readonly directories = new HandleTable<DirectoryHandle>();
  readonly polls: PollWatchers;
  /** Undefined: the kernel is to ask for each name at each use. */
  readonly leases: Leases | undefined;
  /** The kernel maps files that it reads and writes directly. */
  directMappings = false;

  constructor(options: ServerOptions, notify: Notify) {
    this.options = options;
    this.nodes = new NodeTable(options.root);
    this.attributes = new NodeAttributes(() => options.now());
    this.polls = new PollWatchers(notify);
    this.leases = this.startLeases(options);
  }

  private startLeases({ root, leasing }: ServerOptions): Leases | undefined {
    if (leasing === undefined || !(root instanceof KernfsRoot)) return undefined;
    const started = new Leases(this.nodes);
    root.onRemove = (node) => started.revoke(node);
    return started;
  }
}

export type Outcome = Errno | 'ok';

/**
 * Reads a request that was found well-formed, and writes the body of the answer. May throw
 * KernelError instead of returning its errno. What it does for a request that takes no answer is
 * not told to the kernel.
 */
export type Handler = (session: Session, request: Request, reply: Reply) => Outcome;
