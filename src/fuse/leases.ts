/**
 * Names and attributes that the kernel may use without asking, until they are taken back.
 *
 * With a lease a walk down a path costs no request. What is removed must be seen by the next walk
 * that starts after the writer was answered, so a removal makes the kernel forget the *attributes*
 * of the node and of what it holds below (FUSE_NOTIFY_INVAL_INODE, which takes no lock of a
 * directory and may be sent while any request is served). The name itself stays leased, but nothing
 * can be done with it without asking: a walk through a directory and stat(2) need attributes, and
 * open(2) and readlink(2) are requests. The answer is ESTALE, and the kernel walks the path once
 * more, looking up each name (LOOKUP_REVAL of `filename_lookup`, Linux 3.8 and later).
 *
 * Two messages of the protocol that look made for this are not used. FUSE_NOTIFY_INC_EPOCH drops
 * every name, and the kernel detaches what is mounted on or below a dropped name: the host's parts
 * of /sys. FUSE_NOTIFY_INVAL_ENTRY waits for the lock of the directory, so a second thread would
 * have to send it, and that thread could keep a dead mount alive.
 */
import type { KernfsDirectory, KernfsNode } from '../kernfs/node.ts';
import type { HeldNode, NodeTable } from './node-table.ts';
import { ATTRIBUTES_ONLY, inodeInvalidation, type Notified, type Notify } from './notify.ts';
import { Reply } from './wire/message.ts';
import { NOTIFY_INVAL_INODE_OUT, OUT_HEADER } from './wire/structs.ts';

/**
 * What one try of a system call asks of one node at most: whether it may be passed, whether it may
 * be opened, and to open it.
 */
const ASKED_BY_ONE_TRY = 3;
/** A try follows at once on the one that was sent back. */
const TRY_MILLISECONDS = 2;
/** Threads that were sent back and never came again: forgotten when there are as many. */
const THREADS_KEPT = 4096;

/** The second try of a thread that was sent back. */
interface SecondTry {
  /** Milliseconds, of the clock. */
  readonly until: number;
  left: number;
}

export class Leases {
  private readonly nodes: NodeTable;
  private readonly notify: Notify;
  private readonly message = new Reply(Buffer.alloc(OUT_HEADER.size + NOTIFY_INVAL_INODE_OUT.size));
  private readonly clock: () => number;
  /** Threads that were told ESTALE and have looked up no name since. */
  private readonly sentBack = new Map<number, SecondTry>();
  private unsettled: number[] = [];

  /** `clock` gives milliseconds. */
  constructor(nodes: NodeTable, notify: Notify, clock = () => performance.now()) {
    this.nodes = nodes;
    this.notify = notify;
    this.clock = clock;
  }

  /** Takes back what the kernel holds of a removed node and of all below it. */
  revoke(node: KernfsNode): void {
    const held = this.nodes.heldOf(node);
    if (held === undefined) return;
    if (this.invalidate(held) === 'absent') this.unsettled.push(held.id);
    if (node.kind === 'directory') this.revokeBelow(node);
  }

  /**
   * For a working directory or a descriptor below `directory`, from which a walk passes none of its
   * parents. An open file keeps its attributes, for fstat(2). The kernel forgets no directory
   * before what is in it, so nothing is held below one that is not.
   */
  private revokeBelow(directory: KernfsDirectory): void {
    for (const child of directory.made()) {
      const held = this.nodes.heldOf(child);
      if (held === undefined) continue;
      if (child.kind !== 'file' || held.open === 0) this.invalidate(held);
      if (child.kind === 'directory') this.revokeBelow(child);
    }
  }

  private invalidate({ id }: HeldNode): Notified {
    return this.notify(inodeInvalidation(id, ATTRIBUTES_ONLY, 0, this.message));
  }

  /**
   * Numbers of removed nodes that were told to the kernel and that it does not have yet: a LOOKUP
   * that was answered before the removal is still on its way into the cache. They are to be
   * invalidated again, before anything else is answered.
   */
  takeUnsettled(): readonly number[] {
    const { unsettled } = this;
    if (unsettled.length > 0) this.unsettled = [];
    return unsettled;
  }

  /**
   * True if the request is to be answered with ESTALE, since a leased name may have led `thread` to
   * a node that is gone. If it comes again, without having looked up a name in between, it was led
   * there by a descriptor or its working directory, and gets what a removed node gives.
   */
  sendsBack({ node, open }: HeldNode, thread: number): boolean {
    if (node.active) return false;
    const openBelowRemoved = node.kind === 'file' && open > 0 && node.parent?.active === false;
    if (openBelowRemoved) return false;
    const second = this.sentBack.get(thread);
    const now = this.clock();
    if (second !== undefined && second.left > 0 && now < second.until) {
      second.left -= 1;
      return false;
    }
    if (this.sentBack.size >= THREADS_KEPT) this.sentBack.clear();
    this.sentBack.set(thread, { left: ASKED_BY_ONE_TRY, until: now + TRY_MILLISECONDS });
    return true;
  }

  /** `thread` looks up a name: it goes by what is there now. */
  lookedUp(thread: number): void {
    if (this.sentBack.size > 0) this.sentBack.delete(thread);
  }
}
