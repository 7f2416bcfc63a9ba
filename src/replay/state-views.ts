/**
 * Derived facts of a machine as the `state` steps give them, all taken from its tree.
 */
import type { Devtmpfs } from '../driver-core/devtmpfs.ts';
import type { RecordedBlock, RecordedZone } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

const BLOCKS = '/sys/devices/system/memory';
const NODES = '/sys/devices/system/node';

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

/** Ascending. */
export function blockIds(files: TreeFiles): number[] {
  return files
    .list(BLOCKS)
    .filter((name) => /^memory\d+$/.test(name))
    .map((name) => Number(name.slice('memory'.length)))
    .sort((left, right) => left - right);
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

const ZONE_HEAD = /^Node (\d+), zone\s+(\S+)/;
const ZONE_FIGURE = /^\s+(spanned|present|managed)\s+(\d+)/;

/** Zones that have pages, of the nodes from `firstNode` up, from /proc/zoneinfo. */
export function zoneView(files: TreeFiles, firstNode: number): Required<RecordedZone>[] {
  const zones: { node: number; zone: string; spanned: number; present: number; managed: number }[] =
    [];
  for (const each of (files.text('/proc/zoneinfo') ?? '').split('\n')) {
    const head = ZONE_HEAD.exec(each);
    if (head) {
      zones.push({
        node: Number(head[1]),
        zone: head[2] ?? '',
        spanned: 0,
        present: 0,
        managed: 0,
      });
      continue;
    }
    const figure = ZONE_FIGURE.exec(each);
    const zone = zones.at(-1);
    if (!figure || zone === undefined) continue;
    if (figure[1] === 'spanned') zone.spanned = Number(figure[2]);
    if (figure[1] === 'present') zone.present = Number(figure[2]);
    if (figure[1] === 'managed') zone.managed = Number(figure[2]);
  }
  return zones.filter(({ node, present }) => node >= firstNode && present > 0);
}

export function nodeMask(files: TreeFiles, name: string): string {
  return line(files, `${NODES}/${name}`);
}

/** Minor numbers of the dax character devices, by name. */
export function daxNodes(devtmpfs: Devtmpfs): Map<string, number> {
  const nodes = devtmpfs.list().filter(({ name }) => /^dax\d+\.\d+$/.test(name));
  return new Map(nodes.map(({ name, minor }) => [name, minor]));
}
