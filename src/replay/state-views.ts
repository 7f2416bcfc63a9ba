/**
 * Derived facts of a machine as the `state` steps give them, all taken from its tree.
 */
import type { Devtmpfs } from '../driver-core/devtmpfs.ts';
import { blockIds } from '../sysfs-client/memory-blocks.ts';
import { parseZoneinfo, type ZoneFigures } from '../sysfs-client/zoneinfo.ts';
import type { RecordedBlock } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

const BLOCKS = '/sys/devices/system/memory';
const NODES = '/sys/devices/system/node';
/** Recordings describe the blocks behind the boot memory. */
export const FIRST_HOTPLUG_BLOCK = 48;

function line(files: TreeFiles, path: string): string {
  return (files.text(path) ?? '').trimEnd();
}

/** Undefined if the block does not exist. */
export function blockView(files: TreeFiles, id: number): Required<RecordedBlock> | undefined {
  const path = `${BLOCKS}/memory${id}`;
  const names = files.list(path);
  if (names.length === 0) return undefined;
  const node = names.find((name) => /^node\d+$/.test(name));
  return {
    state: line(files, `${path}/state`),
    valid_zones: line(files, `${path}/valid_zones`).split(' '),
    node: node === undefined ? -1 : Number(node.slice(4)),
    online: line(files, `${path}/online`),
    removable: line(files, `${path}/removable`),
  };
}

/** All blocks, ascending. */
export function blocksOf(files: TreeFiles): number[] {
  return blockIds(files.list(BLOCKS));
}

/** All of /proc/iomem, indented lines. */
export function iomemLines(files: TreeFiles): string[] {
  return (files.text('/proc/iomem') ?? '').split('\n').filter((each) => each !== '');
}

/** The CXL windows and what is below them. */
export function windowLines(lines: readonly string[]): string[] {
  let inside = false;
  return lines.filter((each) => {
    if (!each.startsWith(' ')) inside = each.includes(' : CXL Window ');
    return inside;
  });
}

/** `-line` for what went, `+line` for what came. */
export function lineChanges(before: readonly string[], after: readonly string[]): string[] {
  const left = [...before];
  const came: string[] = [];
  for (const each of after) {
    const index = left.indexOf(each);
    if (index < 0) came.push(`+${each}`);
    else left.splice(index, 1);
  }
  return [...left.map((each) => `-${each}`), ...came];
}

/** Zones that have pages, of the nodes from `firstNode` up. */
export function zoneView(files: TreeFiles, firstNode: number): ZoneFigures[] {
  const zones = parseZoneinfo(files.text('/proc/zoneinfo') ?? '');
  return zones.filter(({ node }) => node >= firstNode);
}

export function nodeMask(files: TreeFiles, name: string): string {
  return line(files, `${NODES}/${name}`);
}

/** Minor numbers of the dax character devices, by name. */
export function daxNodes(devtmpfs: Devtmpfs): Map<string, number> {
  const nodes = devtmpfs.list().filter(({ name }) => /^dax\d+\.\d+$/.test(name));
  return new Map(nodes.map(({ name, minor }) => [name, minor]));
}
