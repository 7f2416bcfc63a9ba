/**
 * Attaches a machine's host to its shared devices, from outside of the box: here the user has the
 * uid of the host, and only a process outside knows when nothing of the box is left.
 */
import { hardwareName } from '../cxl/objects/memory-hardware.ts';
import type { SharedMemory } from '../media/shared-memory.ts';
import { attachHost, SharedDeviceError, sharedRoot } from '../shared-devices/index.ts';
import { BoxError } from './errors.ts';
import { type SharingDescription, sharedDevicesOf } from './shared-memory.ts';

export interface AttachedShared {
  readonly memory: SharedMemory;
  /** To be called when all of the box is gone. */
  leave(): void;
}

/**
 * `host`: the name to take, in place of the description's. CXLBOX_SHARED_MISMATCH,
 * CXLBOX_SHARED_HOST_TAKEN, CXLBOX_SHARED_FOLDER, CXLBOX_NO_FLOCK.
 */
export function attachShared(
  description: SharingDescription,
  host = description.host,
): AttachedShared {
  const devices = sharedDevicesOf(description);
  const wanted = devices.map(({ shared, capacity, pci }) => ({
    name: shared,
    partitions: capacity,
    pci,
  }));
  try {
    const { root, host: name, leave } = attachHost(sharedRoot(), wanted, host);
    const members = devices.map(({ shared, serial, pci }) => ({
      name: shared,
      hardware: hardwareName({ serial, address: pci }),
    }));
    return { memory: { root, host: name, devices: members }, leave };
  } catch (error) {
    throw error instanceof SharedDeviceError
      ? new BoxError(error.code, error.message, error.remedy)
      : error;
  }
}
