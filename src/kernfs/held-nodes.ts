/**
 * Nodes that something else holds, by name. One that is no longer held is forgotten, and its entry
 * some time later.
 */
import type { KernfsNode } from './node.ts';

/** Entries below which it is not worth looking which of them are empty. */
const SWEEP_AT = 1024;

export class HeldNodes {
  private readonly byName = new Map<string, WeakRef<KernfsNode>>();
  private sweepAt = SWEEP_AT;

  get(name: string): KernfsNode | undefined {
    return this.byName.get(name)?.deref();
  }

  set(name: string, node: KernfsNode): void {
    this.byName.set(name, new WeakRef(node));
    if (this.byName.size >= this.sweepAt) this.sweep();
  }

  delete(name: string): void {
    this.byName.delete(name);
  }

  *nodes(): Iterable<KernfsNode> {
    for (const held of this.byName.values()) {
      const node = held.deref();
      if (node !== undefined) yield node;
    }
  }

  /** Each time when the entries have doubled: little work for each of them. */
  private sweep(): void {
    for (const [name, held] of this.byName)
      if (held.deref() === undefined) this.byName.delete(name);
    this.sweepAt = Math.max(SWEEP_AT, 2 * this.byName.size);
  }
}
