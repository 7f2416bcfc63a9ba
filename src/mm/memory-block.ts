/**
 * The table of memory blocks (`struct memory_block`, 7.2). A host may have half a million: a block
 * is a row of typed arrays, addressed by its id, in chunks that exist only where blocks are.
 */
import { PAGE_SIZE } from '../units.ts';
import { NO_ZONE } from './zone-index.ts';

export const BLOCK_STATE = { absent: 0, offline: 1, goingOffline: 2, online: 3 } as const;
export const BLOCK_STATE_NAMES = ['absent', 'offline', 'going-offline', 'online'] as const;

/** The block holds a page that cannot move: offlining gives EBUSY. */
export const FLAG_UNMOVABLE = 1;
/** Part of the block is not memory (boot blocks only): offlining gives EINVAL. */
export const FLAG_HOLES = 2;
/** The node<->memory links exist. */
export const FLAG_LINKED = 4;
/**
 * Said from outside: whatever the block holds can move, as on the machine that a recording is from.
 */
export const FLAG_MOVABLE = 8;

const MAX_BLOCK_ID = 0x7fffffff;
const CHUNK_SHIFT = 10;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;
const ROW_MASK = CHUNK_ROWS - 1;

export class BlockChunk {
  readonly state = new Uint8Array(CHUNK_ROWS);
  readonly zone = new Int8Array(CHUNK_ROWS).fill(NO_ZONE);
  readonly nid = new Int16Array(CHUNK_ROWS).fill(-1);
  readonly flags = new Uint8Array(CHUNK_ROWS);
  /** Index into ONLINE_TYPES: what the next plain online will do. */
  readonly latchedType = new Uint8Array(CHUNK_ROWS);
  /** Memory group id, 0: none. */
  readonly group = new Uint32Array(CHUNK_ROWS);
  /** Pages at the start of the block that hold its own memmap; 0: the memmap is elsewhere. */
  readonly vmemmapPages = new Uint32Array(CHUNK_ROWS);
  /** The memmap that the block's page structures are a part of otherwise; 0 for boot memory. */
  readonly memmap = new Uint32Array(CHUNK_ROWS);
  blocks = 0;
}

export class MemoryBlocks {
  /** Bytes; one value for the whole machine. */
  readonly blockSize: number;
  readonly pagesPerBlock: number;
  private readonly chunks = new Map<number, BlockChunk>();
  private chunkNumbers: number[] = [];
  private total = 0;
  /** Further nodes of boot blocks that span several. */
  private readonly furtherNodes = new Map<number, readonly number[]>();

  constructor(blockSize: number) {
    this.blockSize = blockSize;
    this.pagesPerBlock = blockSize / PAGE_SIZE;
  }

  /** How many blocks exist. */
  get count(): number {
    return this.total;
  }

  idOf(address: number): number {
    return Math.floor(address / this.blockSize);
  }

  startPfn(id: number): number {
    return id * this.pagesPerBlock;
  }

  /** The chunk that holds the row of `id`, if blocks were ever there. */
  chunk(id: number): BlockChunk | undefined {
    return this.chunks.get(id >>> CHUNK_SHIFT);
  }

  row(id: number): number {
    return id & ROW_MASK;
  }

  exists(id: number): boolean {
    return id >= 0 && id <= MAX_BLOCK_ID && this.state(id) !== BLOCK_STATE.absent;
  }

  state(id: number): number {
    return this.chunk(id)?.state[this.row(id)] ?? BLOCK_STATE.absent;
  }

  /** The one zone of an online block, NO_ZONE of an offline or a mixed one. */
  zone(id: number): number {
    return this.chunk(id)?.zone[this.row(id)] ?? NO_ZONE;
  }

  nid(id: number): number {
    return this.chunk(id)?.nid[this.row(id)] ?? -1;
  }

  hasFlag(id: number, flag: number): boolean {
    return ((this.chunk(id)?.flags[this.row(id)] ?? 0) & flag) !== 0;
  }

  setFlag(id: number, flag: number, on: boolean): void {
    const chunk = this.chunk(id);
    if (chunk === undefined) return;
    const flags = chunk.flags[this.row(id)] ?? 0;
    chunk.flags[this.row(id)] = on ? flags | flag : flags & ~flag;
  }

  /** All nodes of the block; boot blocks may span several. */
  nodes(id: number): readonly number[] {
    return [this.nid(id), ...(this.furtherNodes.get(id) ?? [])];
  }

  isOnNode(id: number, nid: number): boolean {
    return this.nid(id) === nid || this.furtherNodes.get(id)?.includes(nid) === true;
  }

  setFurtherNodes(id: number, nodes: readonly number[]): void {
    if (nodes.length > 0) this.furtherNodes.set(id, nodes);
  }

  /** The id of its memory group; 0 for none. */
  groupOf(id: number): number {
    return this.chunk(id)?.group[this.row(id)] ?? 0;
  }

  /** True if a block, online or not, is on the node. */
  anyOfNode(nid: number): boolean {
    for (const chunk of this.chunks.values()) if (chunk.nid.includes(nid)) return true;
    return [...this.furtherNodes.values()].some((nodes) => nodes.includes(nid));
  }

  /** A new row, offline and in no group. */
  insert(id: number, nid: number): BlockChunk {
    const number = id >>> CHUNK_SHIFT;
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      chunk = new BlockChunk();
      this.chunks.set(number, chunk);
      this.chunkNumbers.push(number);
      if (number < (this.chunkNumbers.at(-2) ?? -1)) this.chunkNumbers.sort((a, b) => a - b);
    }
    const row = this.row(id);
    chunk.state[row] = BLOCK_STATE.offline;
    chunk.zone[row] = NO_ZONE;
    chunk.nid[row] = nid;
    chunk.flags[row] = 0;
    chunk.latchedType[row] = 0;
    chunk.group[row] = 0;
    chunk.vmemmapPages[row] = 0;
    chunk.memmap[row] = 0;
    chunk.blocks += 1;
    this.total += 1;
    return chunk;
  }

  delete(id: number): void {
    const number = id >>> CHUNK_SHIFT;
    const chunk = this.chunks.get(number);
    if (chunk === undefined || !this.exists(id)) return;
    chunk.state[this.row(id)] = BLOCK_STATE.absent;
    chunk.nid[this.row(id)] = -1;
    chunk.blocks -= 1;
    this.total -= 1;
    this.furtherNodes.delete(id);
    if (chunk.blocks > 0) return;
    this.chunks.delete(number);
    this.chunkNumbers = this.chunkNumbers.filter((each) => each !== number);
  }

  /** The ids of all blocks, ascending. */
  *ids(): Iterable<number> {
    for (const number of [...this.chunkNumbers]) {
      const chunk = this.chunks.get(number);
      if (chunk === undefined) continue;
      for (let row = 0; row < CHUNK_ROWS; row += 1) {
        if (chunk.state[row] !== BLOCK_STATE.absent) yield number * CHUNK_ROWS + row;
      }
    }
  }

  /** The ids of the blocks in [first, first + count), ascending. */
  *idsIn(first: number, count: number): Iterable<number> {
    for (let id = first; id < first + count; id += 1) {
      const chunk = this.chunk(id);
      // On to the last row of a chunk that does not exist.
      if (chunk === undefined) id |= ROW_MASK;
      else if (chunk.state[this.row(id)] !== BLOCK_STATE.absent) yield id;
    }
  }

  /** As idsIn, descending. */
  *idsInReverse(first: number, count: number): Iterable<number> {
    for (let id = first + count - 1; id >= first; id -= 1) {
      const chunk = this.chunk(id);
      if (chunk === undefined) id -= this.row(id);
      else if (chunk.state[this.row(id)] !== BLOCK_STATE.absent) yield id;
    }
  }
}
