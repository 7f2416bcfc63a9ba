/**
 * Where the page structures of hotplugged memory live, and what they cost (`mhp_supports_memmap_on_memory`,
 * `section_activate`, 7.2).
 */
import { KernelError } from '../errno.ts';
import type { MemmapOnMemory } from './config.ts';
import { PAGE_SIZE, PAGEBLOCK_PAGES, PMD_SIZE, STRUCT_PAGE_SIZE } from './constants.ts';
import type { NodeStates, NumaNode } from './numa-node.ts';
import { lowmemReserve, watermarks } from './watermark.ts';
import type { Zone } from './zone.ts';
import { ZONE } from './zone.ts';
import type { Zonelists } from './zonelist.ts';

/** Pages of the memmap of `pages` pages. */
export function memmapPages(pages: number): number {
  return Math.ceil((pages * STRUCT_PAGE_SIZE) / PAGE_SIZE);
}

/**
 * The pages that a block hosts for its own memmap, or undefined if the block cannot host it
 * (`mhp_supports_memmap_on_memory`).
 */
export function hostedMemmapPages(blockSize: number, mode: MemmapOnMemory): number | undefined {
  if (mode === 'N') return undefined;
  const bytes = (blockSize / PAGE_SIZE) * STRUCT_PAGE_SIZE;
  const needed = bytes / PAGE_SIZE;
  const pages = mode === 'force' ? Math.ceil(needed / PAGEBLOCK_PAGES) * PAGEBLOCK_PAGES : needed;
  const whole = bytes % PAGE_SIZE === 0 && pages % PAGEBLOCK_PAGES === 0 && bytes % PMD_SIZE === 0;
  return whole && pages < blockSize / PAGE_SIZE ? pages : undefined;
}

const NODE_STRIDE = 8;

/** A zone as one number, for a typed array. */
export function hostCode(zone: Zone): number {
  return zone.nid * NODE_STRIDE + zone.index;
}

export class MemmapAccounting {
  /** nr_memmap_pages: memmap added after boot, wherever it lives. */
  hotplugged = 0;
  /** nr_memmap_boot_pages */
  boot = 0;
  private readonly nodes: NodeStates;
  private readonly zonelists: Zonelists;

  constructor(nodes: NodeStates, zonelists: Zonelists) {
    this.nodes = nodes;
    this.zonelists = zonelists;
  }

  /**
   * Kernel zones that may host memmap of node `nid`, nearest to that node first, with the pages that each must keep
   * free.
   */
  hosts(nid: number): MemmapHosts {
    const marks = watermarks(this.nodes.online());
    const hosts: { zone: Zone; reserve: number }[] = [];
    for (const host of this.zonelists.order(nid)) {
      const node = this.nodes.node(host);
      for (const index of [ZONE.Normal, ZONE.DMA32, ZONE.DMA]) {
        const zone = node.zone(index);
        if (zone.populated)
          hosts.push({ zone, reserve: (marks.get(zone)?.min ?? 0) + reserved(node, index) });
      }
    }
    return new MemmapHosts(hosts);
  }

  release(code: number, pages: number): void {
    const zone = this.nodes.node(Math.floor(code / NODE_STRIDE)).zone(code % NODE_STRIDE);
    zone.free += pages;
    zone.unmovable -= pages;
  }
}

function reserved(node: NumaNode, index: number): number {
  return lowmemReserve(node, index)[ZONE.Normal] ?? 0;
}

/** The zones that pay for one add call. */
export class MemmapHosts {
  private readonly hosts: readonly { readonly zone: Zone; readonly reserve: number }[];
  private current = 0;

  constructor(hosts: readonly { readonly zone: Zone; readonly reserve: number }[]) {
    this.hosts = hosts;
  }

  /** Takes `pages` pages; returns which zone pays. ENOMEM: no kernel zone has that much. */
  charge(pages: number): Zone {
    for (; this.current < this.hosts.length; this.current += 1) {
      const host = this.hosts[this.current];
      if (host === undefined || host.zone.free - pages < host.reserve) continue;
      host.zone.free -= pages;
      host.zone.unmovable += pages;
      return host.zone;
    }
    throw new KernelError('ENOMEM', `no kernel memory for a memmap of ${pages} pages`);
  }
}
