/**
 * Names that the kernel may use without asking, until they are taken back.
 *
 * With leases a walk down a path costs no request. A removal takes back the names of what is gone
 * (FUSE_NOTIFY_INVAL_ENTRY) before the writer that caused it is answered, so a walk that starts
 * afterwards sees what is there. The message waits for the lock of the directory, which another
 * process may hold while it waits for this very server: the second thread sends it
 * (late-answers.ts). The lock also keeps the order: a LOOKUP that was answered before the removal
 * is in the cache when the message gets there.
 *
 * FUSE_NOTIFY_INC_EPOCH (Linux 6.16) takes no lock and drops all names at once, but the kernel
 * detaches what is mounted on or below a name that it drops: of 29 mounts of the host's parts below
 * /sys none was left after one bind.
 */
import type { KernfsNode } from '../kernfs/node.ts';
import type { HeldNode, NodeTable } from './node-table.ts';
import { nameInvalidation } from './notify.ts';

export class Leases {
  private readonly nodes: NodeTable;
  private messages: Uint8Array[] = [];

  constructor(nodes: NodeTable) {
    this.nodes = nodes;
  }

  /**
   * Takes back the name of a removed node, and those of all below it: a working directory or a
   * descriptor in there starts walks that pass none of its parents.
   */
  revoke(node: KernfsNode): void {
    const held = this.nodes.heldOf(node);
    const parent = node.parent && this.nodes.heldOf(node.parent);
    if (held !== undefined && parent !== undefined) this.revokeHeld(parent, held);
  }

  /** The kernel forgets no directory before what is in it: nothing is held below one that is not. */
  private revokeHeld(parent: HeldNode, held: HeldNode): void {
    const { node } = held;
    if (held.leased) this.messages.push(nameInvalidation(parent.id, node.name));
    if (node.kind !== 'directory') return;
    for (const child of node.made()) {
      const below = this.nodes.heldOf(child);
      if (below !== undefined) this.revokeHeld(held, below);
    }
  }

  /** What is to be sent before anything else is answered. */
  takeMessages(): readonly Uint8Array[] {
    const { messages } = this;
    if (messages.length > 0) this.messages = [];
    return messages;
  }
}
