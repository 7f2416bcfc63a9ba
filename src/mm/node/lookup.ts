/**
 * Which node a physical address would belong to as memory (`phys_to_target_node`, 7.2).
 */
import type { NodeRange } from '../config.ts';

function find(ranges: readonly NodeRange[], address: number): NodeRange | undefined {
  return ranges.find((range) => range.start <= address && address < range.start + range.size);
}

export class NodeLookup {
  private readonly affinity: readonly NodeRange[];
  private readonly reserved: readonly NodeRange[];

  /**
   * `affinity`: firmware memory affinity of boot memory; `reserved`: windows and affinity without
   * boot memory.
   */
  constructor(affinity: readonly NodeRange[], reserved: readonly NodeRange[]) {
    this.affinity = affinity;
    this.reserved = reserved;
  }

  /**
   * The reserved list wins; an address in neither list counts to the first affinity entry, never to
   * no node.
   */
  nodeOf(address: number): number {
    const found = find(this.reserved, address) ?? find(this.affinity, address) ?? this.affinity[0];
    return found?.nid ?? 0;
  }
}
