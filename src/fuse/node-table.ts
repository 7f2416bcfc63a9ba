/**
 * The nodes that the kernel holds, by the number it holds them by.
 *
 * A number is given when a node is looked up and dropped when the kernel forgets it, so a tree of a
 * million nodes costs what is looked at. While it is held, a node keeps its number and cannot be
 * collected; numbers are not used twice, so a generation is not needed.
 */

import type { KernfsDirectory, KernfsNode } from '../kernfs/node.ts';
import { childInodeNumber } from './inode-number.ts';
import { ROOT_NODE_ID } from './wire/flags.ts';

export interface HeldNode {
  readonly id: number;
  readonly node: KernfsNode;
  /** st_ino. */
  readonly ino: number;
  /** How often the kernel was told the number, less what it forgot. */
  lookups: number;
  /** The kernel was told that it need not look up the name. */
  leased: boolean;
}

export class NodeTable {
  private readonly byId = new Map<number, HeldNode>();
  private readonly byNode = new Map<KernfsNode, HeldNode>();
  private nextId = ROOT_NODE_ID;

  constructor(root: KernfsDirectory) {
    this.insert(root, ROOT_NODE_ID);
  }

  private insert(node: KernfsNode, ino: number): HeldNode {
    const held: HeldNode = { id: this.nextId, node, ino, lookups: 1, leased: false };
    this.nextId += 1;
    this.byId.set(held.id, held);
    this.byNode.set(node, held);
    return held;
  }

  get(id: number): HeldNode | undefined {
    return this.byId.get(id);
  }

  heldOf(node: KernfsNode): HeldNode | undefined {
    return this.byNode.get(node);
  }

  /** Counts one lookup of `node`, a child of `parent`. */
  lookup(parent: HeldNode, node: KernfsNode): HeldNode {
    const held = this.byNode.get(node);
    if (held === undefined) return this.insert(node, childInodeNumber(parent.ino, node.name));
    held.lookups += 1;
    return held;
  }

  forget(id: number, lookups: number): void {
    const held = this.byId.get(id);
    if (held === undefined || id === ROOT_NODE_ID) return;
    held.lookups -= lookups;
    if (held.lookups > 0) return;
    this.byId.delete(id);
    this.byNode.delete(held.node);
  }

  /** Nodes that were ever given a number. */
  get made(): number {
    return this.nextId - ROOT_NODE_ID;
  }

  /**
   * The numbers of the `count` nodes held longest of those above `after`, which is a number itself.
   */
  heldAfter(after: number, count: number): number[] {
    const ids: number[] = [];
    for (const id of this.byId.keys()) {
      if (ids.length === count) break;
      if (id > after) ids.push(id);
    }
    return ids;
  }

  /** Nodes held, the root included. */
  get size(): number {
    return this.byId.size;
  }
}
