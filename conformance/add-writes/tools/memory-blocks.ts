/**
 * How daxctl and libdaxctl's users in cxl switch the memory blocks of a dax device.
 */
import { readLine, type ToolContext, writeString } from './tool.ts';

const MEMORY = '/sys/devices/system/memory';

export interface MemoryRangeInclusive {
  readonly start: number;
  readonly end: number;
}

/** The ranges of a dax device, from its `mappingN` directories. */
export function mappings(context: ToolContext, device: string): MemoryRangeInclusive[] {
  const names = context.files.list(device).filter((name) => /^mapping\d+$/.test(name));
  return names.map((name) => ({
    start: Number(readLine(context, `${device}/${name}/start`)),
    end: Number(readLine(context, `${device}/${name}/end`)),
  }));
}

/**
 * Directories `node<N>/memoryM` of the blocks inside the device, in the order in which sysfs lists
 * them.
 */
export function blocksOf(context: ToolContext, device: string): string[] {
  const node = `/sys/devices/system/node/node${readLine(context, `${device}/target_node`)}`;
  const blockSize = Number.parseInt(readLine(context, `${MEMORY}/block_size_bytes`), 16);
  const ranges = mappings(context, device);
  return context.files
    .list(node)
    .filter((name) => /^memory\d+$/.test(name))
    .filter((name) => {
      const start = Number(name.slice('memory'.length)) * blockSize;
      return ranges.some((range) => start >= range.start && start + blockSize - 1 <= range.end);
    })
    .map((name) => `${node}/${name}`);
}

export interface SwitchResult {
  readonly switched: number;
  readonly total: number;
  /** The first refusal; the tools stop there. */
  readonly errno?: string;
}

/** Writes `word` to the state of each block that is not there yet; stops at the first refusal. */
export function switchBlocks(
  context: ToolContext,
  device: string,
  word: 'offline' | 'online' | 'online_movable',
): SwitchResult {
  const blocks = blocksOf(context, device);
  const goal = word === 'offline' ? 'offline' : 'online';
  let switched = 0;
  for (const block of blocks) {
    if (readLine(context, `${block}/state`) === goal) continue;
    const errno = writeString(context, `${block}/state`, word);
    if (errno !== undefined) return { switched, total: blocks.length, errno };
    switched += 1;
  }
  return { switched, total: blocks.length };
}
