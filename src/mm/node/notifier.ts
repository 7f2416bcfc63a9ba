/**
 * The node notifier chain (`node_notify`, 7.2): who is told when a node gains its first or loses
 * its last memory.
 */
export type NodeListener = (nid: number) => void;

/** Higher runs first. */
export const NODE_PRIORITY = {
  tiers: 100,
  cpuset: 80,
  access: 60,
  cxl: 40,
  slab: 20,
  weightedInterleave: 0,
} as const;

export class NodeNotifier {
  private entries: { readonly listener: NodeListener; readonly priority: number }[] = [];

  /** Returns the function that takes the listener off the chain. */
  subscribe(listener: NodeListener, priority: number): () => void {
    const entry = { listener, priority };
    // Of equal priorities the earlier registered runs first, as in a kernel notifier chain.
    const index = this.entries.findIndex((each) => each.priority < priority);
    this.entries.splice(index < 0 ? this.entries.length : index, 0, entry);
    return () => {
      this.entries = this.entries.filter((each) => each !== entry);
    };
  }

  call(nid: number): void {
    for (const { listener } of [...this.entries]) listener(nid);
  }
}
