/**
 * Where the page structures of hotplugged memory live (`section_activate`, `vmemmap_alloc_block`,
 * 7.2). Memory that does not host its own takes pages of the nearest kernel zone, seen from the
 * node of the new memory. They belong to one owner for each range that was added, and go with it.
 */
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import type { NodeStates } from '../node/numa-node.ts';
import { givePages } from '../page-allocator/bulk.ts';
import { MEMMAP_KIND } from '../page-allocator/page-kind.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import { requestPages } from '../zone/page-request.ts';
import type { Zone } from '../zone/zone.ts';
import type { Zonelists } from '../zone/zonelist.ts';

export class MemmapAccounting {
  /** nr_memmap_pages: memmap added after boot, wherever it lives. */
  hotplugged = 0;
  /** nr_memmap_boot_pages */
  boot = 0;
  private readonly nodes: NodeStates;
  private readonly zonelists: Zonelists;
  private readonly owners = new Map<number, PageOwner>();

  constructor(nodes: NodeStates, zonelists: Zonelists) {
    this.nodes = nodes;
    this.zonelists = zonelists;
  }

  /**
   * Takes `pages` pages for the memmap of memory of node `nid` at `start`. Returns the number of
   * the memmap, which each of its blocks remembers. ENOMEM: the kernel zones have no room; nothing
   * was taken.
   */
  allocate(nid: number, start: number, pages: number): number {
    const owner = this.nodes.owners.create(
      `the memmap of the memory at ${hex(start)}`,
      MEMMAP_KIND,
    );
    try {
      requestPages(this.nodes, { owner, pages, nodes: this.zonelists.order(nid) });
      this.owners.set(owner.id, owner);
      return owner.id;
    } catch (error) {
      this.nodes.owners.delete(owner);
      if (!(error instanceof KernelError)) throw error;
      throw new KernelError(
        'ENOMEM',
        `no kernel memory for a memmap of ${pages} pages: ${error.reason}`,
      );
    }
  }

  /** Gives back `pages` pages of the memmap: a block of its range is gone. */
  release(number: number, pages: number): void {
    const owner = this.owners.get(number);
    if (owner === undefined) return;
    let left = pages;
    for (const zone of this.zones(owner)) left -= givePages(zone.pages, owner, left);
    if (this.zones(owner).length > 0) return;
    this.owners.delete(number);
    this.nodes.owners.delete(owner);
  }

  /** Where pages of the memmap are now: offlining by decree may have moved some. */
  private zones(owner: PageOwner): Zone[] {
    return this.nodes
      .online()
      .flatMap((node) => [...node.zones])
      .filter((zone) => zone.pages.heldBy(owner) > 0);
  }
}
