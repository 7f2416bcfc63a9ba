/**
 * The device nodes that exist in /dev (devtmpfs). The model only keeps the list; a box makes files
 * of it.
 */
export interface DeviceNode {
  /** Path below /dev, e.g. `dax0.0` or `cxl/mem0`. */
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
}

export interface DeviceNodeListener {
  added(node: DeviceNode): void;
  removed(node: DeviceNode): void;
}

export class Devtmpfs {
  private readonly nodes = new Map<string, DeviceNode>();
  private readonly listeners = new Set<DeviceNodeListener>();

  add(node: DeviceNode): void {
    this.nodes.set(node.name, node);
    for (const listener of this.listeners) listener.added(node);
  }

  remove(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    this.nodes.delete(name);
    for (const listener of this.listeners) listener.removed(node);
  }

  list(): DeviceNode[] {
    return [...this.nodes.values()];
  }

  subscribe(listener: DeviceNodeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
