/**
 * Asks the kernel to forget nodes that it holds only because it once looked at them
 * (FUSE_NOTIFY_PRUNE, Linux 6.18): otherwise it keeps them until memory runs short, and a walk over
 * half a million memory blocks leaves all of them here.
 *
 * Unlike an invalidation of names, pruning takes no lock of a directory, so the serving thread may
 * ask for it. A node in use stays. An older kernel refuses the message, and is left alone from then
 * on.
 */
import type { NodeTable } from './node-table.ts';
import type { Notify } from './notify.ts';
import { FUSE_NOTIFY_PRUNE, ROOT_NODE_ID } from './wire/flags.ts';
import { Reply } from './wire/message.ts';
import { NOTIFY_PRUNE_OUT, OUT_HEADER } from './wire/structs.ts';

/** Nodes that may be held before any are pruned: enough for the whole tree of a usual machine. */
const HELD_AT_EASE = 32768;
/** The most nodes that one turn asks for. */
const BATCH = 16384;
const ID_SIZE = 8;

export class NodePruner {
  private readonly nodes: NodeTable;
  private readonly message = new Reply(
    Buffer.alloc(OUT_HEADER.size + NOTIFY_PRUNE_OUT.size + BATCH * ID_SIZE),
  );
  private readonly notify: Notify;
  private supported = true;
  /** The number of nodes made when it last asked. */
  private asked = 0;
  /** The last number it asked for. */
  private cursor = ROOT_NODE_ID;

  constructor(nodes: NodeTable, notify: Notify) {
    this.nodes = nodes;
    this.notify = notify;
  }

  /**
   * Asks for nodes held long, if many are held and many of them are new: round and round, since a
   * directory in which a name was looked up in vain stays as long as the kernel remembers that.
   */
  run(): void {
    const { made, size } = this.nodes;
    if (!this.supported || size <= HELD_AT_EASE || made - this.asked < BATCH) return;
    this.asked = made;
    const ids = this.nodes.heldAfter(this.cursor, BATCH);
    this.cursor = ids.length < BATCH ? ROOT_NODE_ID : (ids.at(-1) ?? ROOT_NODE_ID);
    this.message.body(NOTIFY_PRUNE_OUT.size + ids.length * ID_SIZE);
    this.message.setU32(NOTIFY_PRUNE_OUT.at.count, ids.length);
    // What is in a directory keeps it in use, and is younger: last things first.
    for (const [index, id] of ids.reverse().entries())
      this.message.setU64(NOTIFY_PRUNE_OUT.size + index * ID_SIZE, id);
    this.message.finishNotification(FUSE_NOTIFY_PRUNE);
    this.supported = this.notify(this.message.bytes.subarray(0, this.message.length));
  }
}
