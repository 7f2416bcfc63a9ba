/**
 * Migrate types of pageblocks and free lists, and which type a request may fall back to (`enum
 * migratetype`, `fallbacks`, 7.2).
 */
export const MIGRATE_TYPES = [
  'Unmovable',
  'Movable',
  'Reclaimable',
  'HighAtomic',
  'CMA',
  'Isolate',
] as const;
export const MIGRATE = {
  Unmovable: 0,
  Movable: 1,
  Reclaimable: 2,
  HighAtomic: 3,
  CMA: 4,
  Isolate: 5,
} as const;
export const MIGRATE_COUNT = MIGRATE_TYPES.length;
/** Free pages of this type and of those behind it never merge with others of a whole pageblock. */
export const FIRST_SPECIAL_TYPE: number = MIGRATE.HighAtomic;

/** By type of the request; types without an entry have no fallback. */
export const FALLBACKS: readonly (readonly number[])[] = [
  [MIGRATE.Reclaimable, MIGRATE.Movable],
  [MIGRATE.Reclaimable, MIGRATE.Unmovable],
  [MIGRATE.Unmovable, MIGRATE.Movable],
];
