/**
 * The driver `device_dax`: programs map the device as /dev/dax<R>.<I> (`drivers/dax/device.c`,
 * 7.2).
 */
import { type DaxDriver, daxDeviceOf } from './dax-bus.ts';
import { claimPageMap } from './page-map.ts';

export function createDeviceDaxDriver(module?: string): DaxDriver {
  const name = 'device_dax';
  return {
    name,
    module,
    kind: 'device',
    ids: new Set(),
    probe: (device) => claimPageMap(daxDeviceOf(device), name),
  };
}
