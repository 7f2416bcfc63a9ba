/**
 * Dynamic capacity: extents that the host has are inside the partition and apart from each other,
 * and each is part of a dax device's allocation or was left behind by kmem.
 */
import { CAPACITY } from '../actions/capacity-actions.ts';
import { CXL_DEVICES, cxlDevices, REGION, type SysfsView } from '../sysfs-view.ts';
import { must, mustBeDisjoint, mustContain, type NamedRange } from './must.ts';

function extentsOf(view: SysfsView, memdev: string): NamedRange[] {
  const lines = (view.read(`${CAPACITY}/${memdev}/extents`) ?? '').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [start = 0, length = 0] = line.split(' ').slice(0, 2).map(Number);
      return { name: `extent of ${memdev}`, start, end: start + length - 1 };
    });
}

/** Where the partition begins on the device: behind those of the other kinds. */
function partitionStart(view: SysfsView, memdev: string): number {
  const size = (kind: string): number => view.number(`${CXL_DEVICES}/${memdev}/${kind}/size`);
  return size('ram') + size('pmem');
}

/** The ranges of the partition that `extentX.Y` of the regions say that they are made of. */
function surfaced(view: SysfsView, memdev: string): NamedRange[] {
  const first = partitionStart(view, memdev);
  return cxlDevices(view, REGION).flatMap((region) => {
    const decoder = `${CXL_DEVICES}/${view.read(`${CXL_DEVICES}/${region}/target0`)}`;
    const daxRegion = `${CXL_DEVICES}/dax_${region}`;
    const place = view.number(`${decoder}/dpa_resource`) - first;
    return view.names(daxRegion, /^extent\d+\.\d+$/).map((name) => {
      const start = place + view.number(`${daxRegion}/${name}/offset`);
      return { name, start, end: start + view.number(`${daxRegion}/${name}/length`) - 1 };
    });
  });
}

export function checkCapacity(view: SysfsView): void {
  for (const memdev of view.names(CAPACITY)) {
    const extents = extentsOf(view, memdev);
    mustBeDisjoint(extents, memdev);
    const end = view.number(`${CXL_DEVICES}/${memdev}/dynamic_ram_a/size`) - 1;
    for (const extent of extents) mustContain({ name: 'the partition', start: 0, end }, extent);
    if ((view.read('/proc/iomem') ?? '').includes('System RAM (kmem)')) continue;
    const known = surfaced(view, memdev);
    for (const { start, end: last } of extents)
      must(
        known.some((each) => each.start === start && each.end === last),
        () => `${memdev}: nothing on the host is made of its extent at ${start}`,
      );
  }
}
