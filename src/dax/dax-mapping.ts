/**
 * `mapping<K>`: a range of a dax device as a directory. A device without bus and class, hence
 * without events (`devm_register_dax_mapping`, 7.2).
 */

import { Device } from '../driver-core/device.ts';
import type { DevresEntry } from '../driver-core/devres.ts';
import type { AttributeGroup } from '../kernfs/attribute.ts';
import { hex } from '../kernfs/format.ts';
import type { DaxDevice } from './dax-device.ts';
import type { DaxRange } from './range-allocation.ts';
import { DAX_FILES } from './sources.ts';

export interface DaxMapping {
  /** Registered with the region's parent, which may release it before the device. */
  readonly entry: DevresEntry;
}

const ATTRIBUTES: AttributeGroup<DaxRange> = {
  source: DAX_FILES,
  attributes: [
    { name: 'start', mode: 0o400, show: (range) => `${hex(range.start)}\n` },
    { name: 'end', mode: 0o400, show: (range) => `${hex(range.end)}\n` },
    { name: 'page_offset', mode: 0o400, show: (range) => `${hex(range.pageOffset)}\n` },
  ],
};

/** K is the lowest free number in the device, not the index of the range. */
export function registerMapping(dax: DaxDevice, range: DaxRange): void {
  const id = dax.mappingIds.allocate();
  const device = new Device<DaxRange>(dax.device.kernel, {
    name: `mapping${id}`,
    object: range,
    parent: dax.device,
    groups: [ATTRIBUTES],
  }).add();
  const entry = dax.region.parent.devres.add(`${dax.name} ${device.name}`, () => {
    range.mapping = undefined;
    dax.mappingIds.free(id);
    device.del();
  });
  range.mapping = { entry };
}

export function unregisterMapping(dax: DaxDevice, range: DaxRange): void {
  if (range.mapping !== undefined) dax.region.parent.devres.release(range.mapping.entry);
}
