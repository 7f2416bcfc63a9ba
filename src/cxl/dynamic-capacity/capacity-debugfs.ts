/**
 * debugfs `cxlbox/capacity/memN/`: the fabric manager's side of a device with dynamic capacity, which no host has. There
 * as long as `memN` is: the device keeps its extents whether a driver is bound to it or not.
 *
 * `add` takes `OFFSET LENGTH [OFFSET LENGTH ...] [tag=UUID]`, `release` takes `OFFSET LENGTH [tag=UUID] [force]`; offsets are
 * bytes from the start of the partition, as in Initiate Dynamic Capacity Add and Release (CXL 3.1, 7.6.7.6.5).
 */
import { parseTag } from '../../dax/region-extents.ts';
import type { Devres } from '../../driver-core/devres.ts';
import { KernelError } from '../../errno.ts';
import { hex } from '../../kernfs/format.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { cString, kstrtoull, NULL_UUID } from '../../kernfs/parse.ts';
import type { DeviceExtent, DynamicCapacity } from '../objects/device-extents.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { addCapacity } from './add-capacity.ts';
import { forceRelease, releaseCapacity } from './release-capacity.ts';

const CAPACITY_DEBUGFS = 'kernel/debug/cxlbox/capacity';
const TAG = 'tag=';

interface Command {
  readonly extents: readonly DeviceExtent[];
  readonly force: boolean;
}

/** The null uuid says that an extent is untagged. EINVAL: no uuid. */
function tagOf(text: string): string | undefined {
  const tag = parseTag(text);
  return tag === NULL_UUID ? undefined : tag;
}

/** EINVAL: a number is missing or none, no uuid. */
function parseCommand(text: string, { partition }: DynamicCapacity): Command {
  const words = cString(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const tagged = words.find((word) => word.startsWith(TAG));
  const tag = tagged === undefined ? undefined : tagOf(tagged.slice(TAG.length));
  const numbers = words
    .filter((word) => word !== tagged && word !== 'force')
    .map((word) => Number(kstrtoull(word)));
  if (numbers.length === 0 || numbers.length % 2 !== 0)
    throw new KernelError('EINVAL', 'OFFSET LENGTH, in bytes, is expected');
  const extents = numbers.flatMap((offset, index): DeviceExtent[] =>
    index % 2 === 0
      ? [{ start: partition.start + offset, length: numbers[index + 1] ?? 0, tag }]
      : [],
  );
  return { extents, force: words.includes('force') };
}

/** One line an extent: offset, length and, if it has one, tag. */
function renderExtents({ extents, partition }: DynamicCapacity): string {
  return extents
    .map(({ start, length, tag }) => {
      const words = [
        hex(start - partition.start),
        hex(length),
        ...(tag === undefined ? [] : [tag]),
      ];
      return `${words.join(' ')}\n`;
    })
    .join('');
}

/** Errors of `add` are those of addCapacity, of `release` those of releaseCapacity and forceRelease; EINVAL: the text. */
export function addCapacityDebugfs(subsystem: CxlSubsystem, memdev: Memdev, owner: Devres): void {
  const capacity = memdev.hardware.dynamicCapacity;
  if (capacity === undefined) return;
  const parent = subsystem.kernel.directory(CAPACITY_DEBUGFS);
  const directory = parent.addDirectory(memdev.name);
  owner.add('capacity debugfs', () => parent.remove(memdev.name));
  const event = (name: string, { start, length, tag }: DeviceExtent): void =>
    subsystem.kernel.log.print(
      'info',
      `cxl_dynamic_capacity: memdev=${memdev.name} event_type='${name}' starting_dpa=${hex(start)} length=${hex(length)} tag=${tag ?? ''}`,
    );
  const add = (text: string): void => {
    const { extents, force } = parseCommand(text, capacity);
    if (force) throw new KernelError('EINVAL', 'only a release can be forced');
    for (const extent of extents) event('Add Capacity', extent);
    addCapacity(subsystem, memdev, capacity, extents);
  };
  const release = (text: string): void => {
    const { extents, force } = parseCommand(text, capacity);
    for (const extent of extents) {
      event(force ? 'Forced Capacity Release' : 'Release Capacity', extent);
      if (force) forceRelease(subsystem, memdev, capacity, extent);
      else releaseCapacity(subsystem, capacity, extent);
    }
  };
  directory.add(new KernfsFile('add', 0o200, { store: add }));
  directory.add(new KernfsFile('release', 0o200, { store: release }));
  const show = (): string => renderExtents(capacity);
  directory.add(new KernfsFile('extents', 0o400, { show }, { binary: true, size: 0 }));
}
