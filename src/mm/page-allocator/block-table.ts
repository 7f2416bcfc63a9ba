/**
 * What a zone knows of each of its memory blocks: one code a block, in chunks of typed arrays that
 * exist only where the zone has blocks. Only a block that is neither all free nor all used has more
 * state than this (`PageArena`).
 */
/**
 * Codes of a block; any other code is the id of the one owner of all its pages (`PageOwner.id`).
 */
export const BLOCK_USE = { absent: 0, free: 1, partial: 2, isolated: 3, reserved: 4 } as const;

const CHUNK_SHIFT = 10;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;
const ROW_MASK = CHUNK_ROWS - 1;

class TableChunk {
  readonly use = new Uint32Array(CHUNK_ROWS);
  /** 1: the block hosts its own memmap in its first pages. */
  readonly hosting = new Uint8Array(CHUNK_ROWS);
  blocks = 0;
  free = 0;
}

export class BlockTable {
  private readonly chunks = new Map<number, TableChunk>();
  private numbers: number[] = [];
  /** Blocks that are wholly free. */
  freeBlocks = 0;
  /** Those of them that host their own memmap. */
  freeHosting = 0;

  use(id: number): number {
    return this.chunks.get(id >>> CHUNK_SHIFT)?.use[id & ROW_MASK] ?? BLOCK_USE.absent;
  }

  hosting(id: number): boolean {
    return this.chunks.get(id >>> CHUNK_SHIFT)?.hosting[id & ROW_MASK] === 1;
  }

  insert(id: number, use: number, hosting: boolean): void {
    const number = id >>> CHUNK_SHIFT;
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      chunk = new TableChunk();
      this.chunks.set(number, chunk);
      this.numbers.push(number);
      if (number < (this.numbers.at(-2) ?? -1)) this.numbers.sort((a, b) => a - b);
    }
    chunk.blocks += 1;
    chunk.hosting[id & ROW_MASK] = hosting ? 1 : 0;
    this.write(chunk, id, use);
  }

  set(id: number, use: number): void {
    const chunk = this.chunks.get(id >>> CHUNK_SHIFT);
    if (chunk !== undefined) this.write(chunk, id, use);
  }

  delete(id: number): void {
    const number = id >>> CHUNK_SHIFT;
    const chunk = this.chunks.get(number);
    if (chunk === undefined) return;
    this.write(chunk, id, BLOCK_USE.absent);
    chunk.hosting[id & ROW_MASK] = 0;
    chunk.blocks -= 1;
    if (chunk.blocks > 0) return;
    this.chunks.delete(number);
    this.numbers = this.numbers.filter((each) => each !== number);
  }

  /** The lowest wholly free block, or undefined. */
  firstFree(): number | undefined {
    if (this.freeBlocks === 0) return undefined;
    for (const number of this.numbers) {
      const chunk = this.chunks.get(number);
      if (chunk !== undefined && chunk.free > 0)
        return number * CHUNK_ROWS + chunk.use.indexOf(BLOCK_USE.free);
    }
    return undefined;
  }

  /**
   * Gives wholly free blocks, the lowest first, another code, as long as their pages fit into
   * `wanted`. `plain` and `hosting`: pages of a block without and with its own memmap. Returns the
   * pages.
   */
  takeFree(use: number, wanted: number, plain: number, hosting: number): number {
    let left = wanted;
    for (const number of this.numbers) {
      const chunk = this.chunks.get(number);
      if (chunk === undefined || chunk.free === 0) continue;
      const codes = chunk.use;
      for (
        let row = codes.indexOf(BLOCK_USE.free);
        row >= 0;
        row = codes.indexOf(BLOCK_USE.free, row + 1)
      ) {
        const pages = chunk.hosting[row] === 1 ? hosting : plain;
        if (pages > left) return wanted - left;
        this.write(chunk, row, use);
        left -= pages;
      }
    }
    return wanted - left;
  }

  /** All blocks with this code, ascending. */
  *ids(use: number): Iterable<number> {
    for (const number of [...this.numbers]) {
      const codes = this.chunks.get(number)?.use;
      if (codes === undefined) continue;
      for (let row = codes.indexOf(use); row >= 0; row = codes.indexOf(use, row + 1))
        yield number * CHUNK_ROWS + row;
    }
  }

  /** All blocks of the zone with their codes, ascending. */
  *entries(): Iterable<readonly [id: number, use: number]> {
    for (const number of [...this.numbers]) {
      const codes = this.chunks.get(number)?.use;
      if (codes === undefined) continue;
      for (let row = 0; row < CHUNK_ROWS; row += 1) {
        const use = codes[row] ?? BLOCK_USE.absent;
        if (use !== BLOCK_USE.absent) yield [number * CHUNK_ROWS + row, use];
      }
    }
  }

  private write(chunk: TableChunk, id: number, use: number): void {
    const row = id & ROW_MASK;
    const change = (use === BLOCK_USE.free ? 1 : 0) - (chunk.use[row] === BLOCK_USE.free ? 1 : 0);
    chunk.use[row] = use;
    chunk.free += change;
    this.freeBlocks += change;
    if (chunk.hosting[row] === 1) this.freeHosting += change;
  }
}
