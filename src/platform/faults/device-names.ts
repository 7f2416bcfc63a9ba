import { Memdev } from '../../cxl/objects/memdev.ts';
import { Port } from '../../cxl/objects/port.ts';
import type { Device } from '../../driver-core/device.ts';

/**
 * Its own name; memN and its endpoint also by the PCI address of the memory device, and the
 * endpoint by memN.
 */
export function namesOf({ name, object }: Pick<Device, 'name' | 'object'>): readonly string[] {
  if (object instanceof Memdev) return [name, object.hardware.config.address];
  if (object instanceof Port && object.memdev !== undefined)
    return [name, object.memdev.name, object.memdev.hardware.config.address];
  return [name];
}
