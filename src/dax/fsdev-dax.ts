/**
 * The driver `fsdev_dax`: the range is for a file system that takes it over; opening works, mapping
 * does not. It binds by `new_id` only (`drivers/dax/fsdev.c`, 7.2).
 */
import { type DaxDriver, daxDeviceOf } from './dax-bus.ts';
import { claimPageMap } from './page-map.ts';

export function createFsdevDaxDriver(module?: string): DaxDriver {
  const name = 'fsdev_dax';
  return {
    name,
    module,
    kind: 'fsdev',
    ids: new Set(),
    probe: (device) => claimPageMap(daxDeviceOf(device), name),
  };
}
