/**
 * What pages are used for, and what follows from it: free list, highest zone, counters, whether
 * they can move.
 */
import type { WorkloadKind } from '../../cxlbox-abi/workload.ts';
import { PAGEBLOCK_ORDER } from '../constants.ts';
import type { VmCounter } from '../vm-counters.ts';
import { ZONE } from '../zone-index.ts';
import { MIGRATE } from './migrate-type.ts';

/**
 * movable: migrated away when its block goes. pinned: on the LRU, so it looks movable, but
 * migration always fails. gigantic: needs another free page of 1 GiB, which there is none of.
 * unmovable: isolation fails at once. left: stays behind and does not block offlining.
 */
export type Mobility = 'movable' | 'pinned' | 'gigantic' | 'unmovable' | 'left';

export interface PageKind {
  readonly name: string;
  readonly migrateType: number;
  /** Highest zone of the request (`gfp_zone`). */
  readonly highestZone: number;
  /** Pages come in chunks of this order. */
  readonly order: number;
  readonly mobility: Mobility;
  /** The LRU list that the pages are on. */
  readonly lru?: 'anon' | 'file';
  /** Node counters that count each page. */
  readonly counters: readonly VmCounter[];
}

/** log2 of the pages of 1 GiB. */
export const GIGANTIC_ORDER = 18;

const MOVABLE_USER = {
  migrateType: MIGRATE.Movable,
  highestZone: ZONE.Movable,
  mobility: 'movable',
} as const;
const KERNEL = { migrateType: MIGRATE.Unmovable, highestZone: ZONE.Normal, order: 0 } as const;

export const PAGE_KIND = {
  anon: { name: 'anon', ...MOVABLE_USER, order: 0, lru: 'anon', counters: ['nr_anon_pages'] },
  pagecache: {
    name: 'pagecache',
    ...MOVABLE_USER,
    order: 0,
    lru: 'file',
    counters: ['nr_file_pages'],
  },
  kernel: { name: 'kernel', ...KERNEL, mobility: 'unmovable', counters: ['nr_slab_unreclaimable'] },
  // A task in a long-term-pin section loses the movable flag (`current_gfp_context`).
  pinned: {
    name: 'pinned',
    ...KERNEL,
    mobility: 'pinned',
    lru: 'anon',
    counters: ['nr_anon_pages'],
  },
  'hugetlb-2M': {
    name: 'hugetlb-2M',
    ...MOVABLE_USER,
    order: PAGEBLOCK_ORDER,
    counters: ['nr_hugetlb'],
  },
  // Without vm.movable_gigantic_pages these stay out of ZONE_MOVABLE (`htlb_alloc_mask`).
  'hugetlb-1G': {
    name: 'hugetlb-1G',
    migrateType: MIGRATE.Movable,
    highestZone: ZONE.Normal,
    order: GIGANTIC_ORDER,
    mobility: 'gigantic',
    counters: ['nr_hugetlb'],
  },
} as const satisfies Readonly<Record<WorkloadKind, PageKind>>;

/** Page structures of other memory. */
export const MEMMAP_KIND: PageKind = {
  name: 'memmap',
  ...KERNEL,
  mobility: 'unmovable',
  counters: [],
};
/** The kernel's own data at boot: its counters are a share of what is in use (`boot/usage.ts`). */
export const BOOT_KERNEL_KIND: PageKind = {
  name: 'boot',
  ...KERNEL,
  mobility: 'unmovable',
  counters: [],
};
export const POISON_KIND: PageKind = { name: 'poison', ...KERNEL, mobility: 'left', counters: [] };
