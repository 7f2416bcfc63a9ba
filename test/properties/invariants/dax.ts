/**
 * DAX regions: ranges of all devices are disjoint, inside the region, and what is left is what is
 * available.
 */
import { CXL_DEVICES, cxlDevices, type SysfsView } from '../sysfs-view.ts';
import { must, mustBeDisjoint, mustContain, type NamedRange } from './must.ts';

const PAGE = 4096;

/**
 * The ranges of a device; also that they follow one another without a gap in the device's own
 * offsets.
 */
function rangesOf(view: SysfsView, device: string): NamedRange[] {
  const mappings = view.names(device, /^mapping\d+$/).map((name) => ({
    name: `${device} ${name}`,
    start: view.number(`${device}/${name}/start`),
    end: view.number(`${device}/${name}/end`),
    offset: view.number(`${device}/${name}/page_offset`) * PAGE,
  }));
  let next = 0;
  for (const { name, start, end, offset } of mappings.sort((a, b) => a.offset - b.offset)) {
    must(offset === next, () => `${name} begins at ${offset} of the device, not at ${next}`);
    must(end > start, () => `${name} is empty`);
    next = offset + end - start + 1;
  }
  must(
    next === view.number(`${device}/size`),
    () => `${device}: size is not the sum of its mappings`,
  );
  return mappings;
}

/** What a dynamic region has: the sum of its extents. */
function extents(view: SysfsView, daxRegion: string): number {
  return view
    .names(daxRegion, /^extent\d+\.\d+$/)
    .reduce((sum, name) => sum + view.number(`${daxRegion}/${name}/length`), 0);
}

export function checkDax(view: SysfsView): void {
  for (const name of cxlDevices(view, /^dax_region\d+$/)) {
    const path = `${CXL_DEVICES}/${name}`;
    if (!view.exists(`${path}/dax_region`)) continue;
    const region = `${CXL_DEVICES}/region${name.slice('dax_region'.length)}`;
    const start = view.number(`${region}/resource`);
    const size = view.number(`${path}/dax_region/size`);
    must(view.number(`${region}/size`) === size, () => `${name} is not as large as its region`);
    const ranges = view
      .names(path, /^dax\d+\.\d+$/)
      .flatMap((dax) => rangesOf(view, `${path}/${dax}`));
    mustBeDisjoint(ranges, name);
    for (const range of ranges) mustContain({ name, start, end: start + size - 1 }, range);
    const used = ranges.reduce((sum, range) => sum + range.end - range.start + 1, 0);
    const available = view.number(`${path}/dax_region/available_size`);
    const all = view.read(`${region}/mode`) === 'dynamic_ram_a' ? extents(view, path) : size;
    must(
      used + available === all,
      () => `${name}: ${used} used, ${available} available, of ${all}`,
    );
  }
}
