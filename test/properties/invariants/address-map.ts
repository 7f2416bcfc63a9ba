/**
 * Host physical addresses: /proc/iomem nests, siblings are disjoint, and every region with a size
 * is in it.
 */
import { CXL_DEVICES, cxlDevices, parentOf, REGION, type SysfsView } from '../sysfs-view.ts';
import { must, mustBeDisjoint, mustContain, type NamedRange } from './must.ts';

interface Line extends NamedRange {
  readonly depth: number;
}

function parse(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line);
      must(match !== null, () => `/proc/iomem: ${JSON.stringify(line)}`);
      const [, indent = '', start = '', end = '', name = ''] = match ?? [];
      return {
        name,
        start: Number.parseInt(start, 16),
        end: Number.parseInt(end, 16),
        depth: indent.length / 2,
      };
    });
}

function checkNesting(lines: readonly Line[]): void {
  const path: Line[] = [];
  for (const line of lines) {
    const sibling = path[line.depth];
    path.length = Math.min(path.length, line.depth);
    must(path.length === line.depth, () => `/proc/iomem: ${line.name} hangs below nothing`);
    const parent = path.at(-1);
    if (parent !== undefined) mustContain(parent, line);
    if (sibling !== undefined)
      must(sibling.end < line.start, () => `/proc/iomem: ${sibling.name} and ${line.name} overlap`);
    path.push(line);
  }
}

function rangeOf(view: SysfsView, device: string, startFile: string): NamedRange | undefined {
  const size = view.number(`${CXL_DEVICES}/${device}/size`);
  const start = view.number(`${CXL_DEVICES}/${device}/${startFile}`);
  return size > 0 ? { name: device, start, end: start + size - 1 } : undefined;
}

export function checkAddressMap(view: SysfsView): void {
  const lines = parse(view.read('/proc/iomem') ?? '');
  checkNesting(lines);
  const regions: NamedRange[] = [];
  for (const region of cxlDevices(view, REGION)) {
    const range = rangeOf(view, region, 'resource');
    if (range === undefined) continue;
    regions.push(range);
    const window = rangeOf(view, parentOf(view, region), 'start');
    must(window !== undefined, () => `${region} has a size and no window`);
    if (window !== undefined) mustContain(window, range);
    const mapped = lines.some(
      (line) => line.name === region && line.start === range.start && line.end === range.end,
    );
    must(mapped, () => `${region} is not in /proc/iomem with its range`);
  }
  mustBeDisjoint(regions, 'regions');
  const mapped = lines.filter(({ name }) => REGION.test(name));
  must(
    mapped.length === regions.length,
    () => `/proc/iomem has ${mapped.length} regions, the bus ${regions.length}`,
  );
}
