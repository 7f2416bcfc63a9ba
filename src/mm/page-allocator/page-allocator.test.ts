import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPages } from '../../../test/mm/audit.ts';
import type { WorkloadKind } from '../../cxlbox-abi/workload.ts';
import { MAX_PAGE_ORDER } from '../constants.ts';
import { givePages, takePages } from './bulk.ts';
import { isolateBlock, unisolateBlock } from './isolation.ts';
import { MIGRATE } from './migrate-type.ts';
import { PAGE_KIND } from './page-kind.ts';
import { PageOwners } from './page-owner.ts';
import { pageblocksByType } from './pageblocks.ts';
import { ZonePages } from './zone-pages.ts';

const BLOCK = 32768;

function zone(blocks: number, hosted = 0, pagesPerBlock = BLOCK): ZonePages {
  const pages = new ZonePages(pagesPerBlock, new PageOwners());
  for (let id = 0; id < blocks; id += 1) pages.addBlock(id, hosted);
  return pages;
}

function owner(pages: ZonePages, kind: WorkloadKind = 'anon') {
  return pages.owners.create('test', PAGE_KIND[kind]);
}

/** Free chunks by order, all types. */
function chunks(pages: ZonePages): number[] {
  return pages.freeChunks(MIGRATE.Movable);
}

describe('buddies', () => {
  it('the lower half is taken, the upper halves go back', () => {
    const pages = zone(1);
    const index = pages.allocate(0, MIGRATE.Movable, 9);
    expect(index % BLOCK).toBe(0);
    expect(chunks(pages)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 31]);
    pages.release(index);
    expect(chunks(pages)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32]);
  });

  it('there is no order beyond 10, and nothing from an empty zone', () => {
    expect(zone(1).allocate(MAX_PAGE_ORDER + 1, MIGRATE.Movable, 9)).toBe(-1);
    expect(zone(0).allocate(0, MIGRATE.Movable, 9)).toBe(-1);
  });

  it('unmovable pages claim a whole pageblock, the largest chunk first', () => {
    const pages = zone(1);
    pages.allocate(0, MIGRATE.Movable, 9);
    const index = pages.allocate(0, MIGRATE.Unmovable, 9);
    expect(index).toBe(1024);
    expect(pageblocksByType(pages).slice(0, 2)).toEqual([2, 62]);
    expect(pages.allocate(0, MIGRATE.Unmovable, 9)).toBe(1025);
    expect(pageblocksByType(pages).slice(0, 2)).toEqual([2, 62]);
  });

  it('movable pages do not claim a pageblock for a small chunk: they take the chunk', () => {
    const pages = zone(1);
    for (let at = 0; at < 32; at += 1) pages.allocate(10, MIGRATE.Unmovable, 9);
    const [first] = [...pages.slots.values()];
    expect(first?.free).toBe(0);
    pages.arena.splitUsed(0, 0, 2);
    pages.release(0);
    expect(pages.allocate(0, MIGRATE.Movable, 9)).toBe(0);
    expect(pageblocksByType(pages).slice(0, 2)).toEqual([64, 0]);
  });
});

describe('state is made only for blocks that are used in part', () => {
  it.each([
    [3 * BLOCK, 0, 0],
    [3 * BLOCK + 1, 1, 0],
    [BLOCK - 1, 1, 0],
    [3 * (BLOCK - 512), 0, 512],
    [3 * BLOCK, 1, 512],
  ])('%i pages: %i partial blocks', (wanted, partial, hosted) => {
    const pages = zone(8, hosted);
    const user = owner(pages);
    expect(takePages(pages, user, wanted)).toBe(wanted);
    expect(pages.slots.size).toBe(partial);
    expect(givePages(pages, user, wanted)).toBe(wanted);
    pages.closeEmptySlot();
    expect(pages.slots.size).toBe(0);
    expect(pages.free).toBe(8 * (BLOCK - hosted));
  });

  it('64 TiB: no page is looked at', () => {
    const pages = zone(524288);
    const user = owner(pages);
    expect(takePages(pages, user, 2 ** 34)).toBe(2 ** 34);
    expect([pages.free, pages.slots.size]).toEqual([0, 0]);
    expect(givePages(pages, user, 2 ** 34 - 5)).toBe(2 ** 34 - 5);
    expect([pages.heldBy(user), pages.slots.size]).toEqual([5, 1]);
  });
});

describe('what is asked for in huge pages', () => {
  it('comes in whole ones', () => {
    const pages = zone(1);
    const small = owner(pages);
    takePages(pages, small, BLOCK - 1000);
    const huge = owner(pages, 'hugetlb-2M');
    expect(takePages(pages, huge, 1024)).toBe(512);
    expect(givePages(pages, huge, 512)).toBe(512);
    countPages(pages);
  });

  it.each([
    [BLOCK, 16, 0, 2],
    [BLOCK, 15, 0, 1],
    [BLOCK, 16, 512, 0],
    [8 * BLOCK, 2, 0, 2],
    [16 * BLOCK, 1, 0, 2],
    [16 * BLOCK, 1, 8192, 1],
  ])(
    'gigabytes from blocks of %i pages, %i of them, %i pages of memmap: %i',
    (size, blocks, hosted, gigabytes) => {
      const pages = zone(blocks, hosted, size);
      const user = owner(pages, 'hugetlb-1G');
      expect(takePages(pages, user, 4 * 262144)).toBe(gigabytes * 262144);
      countPages(pages);
      expect(givePages(pages, user, 4 * 262144)).toBe(gigabytes * 262144);
      expect(countPages(pages).used.size).toBe(0);
    },
  );
});

it('isolated pages are not allocated, and come back', () => {
  const pages = zone(2);
  const user = owner(pages);
  takePages(pages, user, 10);
  isolateBlock(pages, 0);
  isolateBlock(pages, 1);
  expect([pages.free, takePages(pages, user, 1)]).toEqual([0, 0]);
  expect(countPages(pages).isolated).toBe(2 * BLOCK - 10);
  unisolateBlock(pages, 0);
  unisolateBlock(pages, 1);
  expect(pages.free).toBe(2 * BLOCK - 10);
  expect(takePages(pages, user, 3)).toBe(3);
  countPages(pages);
});

const KINDS = ['anon', 'kernel', 'hugetlb-2M'] as const;

type Step =
  | { readonly kind: 'take' | 'give'; readonly user: number; readonly pages: number }
  | { readonly kind: 'one'; readonly order: number; readonly type: number }
  | { readonly kind: 'free'; readonly which: number }
  | { readonly kind: 'isolate' | 'unisolate'; readonly block: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('take' as const, 'give' as const),
      user: fc.nat(KINDS.length - 1),
      pages: fc.oneof(fc.nat(2000), fc.nat(2 * BLOCK)),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('one' as const), order: fc.nat(10), type: fc.nat(2) }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('free' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('isolate' as const, 'unisolate' as const),
      block: fc.nat(3),
    }),
  },
);

it('any sequence keeps every page in exactly one chunk, and buddies merged', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 150 }),
      fc.constantFrom(0, 512),
      (steps, hosted) => {
        const pages = zone(4, hosted);
        const users = KINDS.map((kind) => owner(pages, kind));
        const single = owner(pages, 'kernel');
        const singles: number[] = [];
        for (const each of steps) {
          const user = 'user' in each ? users[each.user] : undefined;
          if (each.kind === 'take' && user) takePages(pages, user, each.pages);
          else if (each.kind === 'give' && user)
            givePages(pages, user, each.pages - (each.pages % 2 ** user.kind.order));
          else if (each.kind === 'isolate') isolateBlock(pages, each.block);
          else if (each.kind === 'unisolate') unisolateBlock(pages, each.block);
          else if (each.kind === 'one') {
            const index = pages.allocate(each.order, each.type, single.id);
            if (index < 0) continue;
            pages.hold(single.id, 2 ** each.order);
            singles.push(index);
          } else if (each.kind === 'free' && singles.length > 0) {
            const [index = 0] = singles.splice(each.which % singles.length, 1);
            pages.hold(single.id, -(2 ** pages.arena.order(index)));
            pages.release(index);
          }
        }
        const { free, isolated, used, reserved } = countPages(pages);
        const inUse = [...used.values()].reduce((sum, count) => sum + count, 0);
        expect(free + isolated + inUse + reserved).toBe(4 * BLOCK);
      },
    ),
    { numRuns: 60 },
  );
});
