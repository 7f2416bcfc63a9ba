/**
 * Workloads use memory in a machine that runs no programs. A workload asks for pages as its kind of
 * memory does, and keeps them until it shrinks or ends.
 */
import type { MemoryPolicy, WorkloadKind, WorkloadRequest } from '../../cxlbox-abi/workload.ts';
import { KernelError } from '../../errno.ts';
import { PAGE_SIZE } from '../../units.ts';
import { PAGE_KIND } from '../page-allocator/page-kind.ts';
import type { PageOwner } from '../page-allocator/page-owner.ts';
import type { VmCounter } from '../vm-counters.ts';
import type { Share } from '../zone/page-request.ts';
import { freePages, requestPages } from '../zone/page-request.ts';
import type { Zone } from '../zone/zone.ts';
import { isInterleaved, turnsOf } from './memory-policy.ts';
import type { WorkloadContext } from './workload-context.ts';

export class Workload {
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly policy: MemoryPolicy;
  /** The nodes of the policy; none for the default policy. */
  readonly nodes: readonly number[];
  readonly home: number;
  readonly owner: PageOwner;
  private readonly context: WorkloadContext;
  /** Chunks asked for so far: where interleaving goes on. */
  private turn = 0;

  constructor(context: WorkloadContext, request: WorkloadRequest) {
    this.context = context;
    this.name = request.name;
    this.kind = request.kind;
    this.nodes = request.nodes ?? [];
    this.policy = request.policy ?? (this.nodes.length > 0 ? 'bind' : 'default');
    this.home =
      request.home ?? context.nodes.ids('has_cpu')[0] ?? context.nodes.ids('has_memory')[0] ?? 0;
    this.owner = context.nodes.owners.create(
      `workload '${this.name}' (${this.kind})`,
      PAGE_KIND[this.kind],
    );
  }

  /** Where its pages are: zones with pages of it, by node. */
  shares(): Share[] {
    return this.context.nodes
      .online()
      .flatMap((node) => [...node.zones])
      .map((zone) => ({ zone, pages: zone.pages.heldBy(this.owner) }))
      .filter(({ pages }) => pages > 0);
  }

  /** Bytes. Less than asked for after a memory failure took a page. */
  get size(): number {
    return this.shares().reduce((sum, { pages }) => sum + pages, 0) * PAGE_SIZE;
  }

  /**
   * Grows or shrinks to `size` bytes. EINVAL: no whole huge pages; ENOMEM: it does not fit, nothing
   * changed.
   */
  resize(size: number): void {
    const unit = 2 ** this.owner.kind.order;
    const pages = Math.ceil(size / PAGE_SIZE);
    if (pages % unit !== 0)
      throw new KernelError(
        'EINVAL',
        `${this.kind} comes in pages of ${(unit * PAGE_SIZE) / 1024} kB`,
      );
    const change = pages - this.size / PAGE_SIZE;
    if (change > 0) this.grow(change, unit);
    else if (change < 0) this.shrink(-change, unit);
  }

  private grow(pages: number, unit: number): void {
    const taken: Share[] = [];
    const turns = turnsOf(this, this.context, pages / unit, this.turn);
    try {
      for (const { nodes, preferred, units } of turns) {
        const asker = { preferred, local: this.home, interleaved: isInterleaved(this.policy) };
        taken.push(
          ...requestPages(this.context.nodes, {
            owner: this.owner,
            pages: units * unit,
            nodes,
            asker,
          }),
        );
      }
    } catch (error) {
      for (const share of taken) freePages(this.context.nodes, this.owner, share);
      throw error;
    }
    this.turn += pages / unit;
    for (const { zone, pages: count } of taken) this.countPins(zone, 'nr_foll_pin_acquired', count);
  }

  /**
   * The farthest pages go first; those of an interleaved workload go in the proportion in which
   * they lie.
   */
  private shrink(pages: number, unit: number): void {
    const { nodes, zonelists } = this.context;
    const order = zonelists.order(this.home);
    const shares = this.shares().sort(
      (a, b) => order.indexOf(b.zone.nid) - order.indexOf(a.zone.nid),
    );
    const all = shares.reduce((sum, share) => sum + share.pages, 0);
    let left = pages;
    const free = (zone: Zone, count: number): void => {
      freePages(nodes, this.owner, { zone, pages: count });
      this.countPins(zone, 'nr_foll_pin_released', count);
      left -= count;
    };
    if (isInterleaved(this.policy))
      for (const share of shares)
        free(share.zone, Math.floor((pages * share.pages) / all / unit) * unit);
    for (const { zone } of shares) free(zone, Math.min(left, zone.pages.heldBy(this.owner)));
  }

  private countPins(zone: Zone, counter: VmCounter, pages: number): void {
    if (this.kind === 'pinned') this.context.nodes.node(zone.nid).counters[counter] += pages;
  }
}
