import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { Region } from '../objects/region.ts';

/**
 * The region of a device that a region driver probes. ENODEV: it is none, which the bus' match rule
 * excludes.
 */
export function regionOf(device: Device): Region {
  if (device.object instanceof Region) return device.object;
  throw new KernelError('ENODEV', `${device.name} is not a region`);
}

/** What the explicit drivers demand. ENODEV: persistent; ENXIO: not committed. */
export function committedRamRegionOf(device: Device): Region {
  const region = regionOf(device);
  if (!region.volatile)
    throw new KernelError('ENODEV', `${region.name} is of ${region.mode} mode, not ram`);
  if (!region.committed) throw new KernelError('ENXIO', `${region.name} is not committed`);
  return region;
}
