/**
 * Media poison of a memory device: listing, injecting, clearing (`cxl_inject_poison`,
 * `drivers/cxl/core/memdev.c`, 7.2).
 */

import type { Device } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import type { AttributeGroup } from '../../kernfs/attribute.ts';
import { hex } from '../../kernfs/format.ts';
import { kstrtobool } from '../../kernfs/parse.ts';
import { Memdev } from '../objects/memdev.ts';
import { MEMDEV_FILES } from '../sources.ts';
import { reportMediaError } from './media-error.ts';

const POISON_UNIT = 64n;
/** What the emulated devices can list. */
const POISON_LIMIT = 256;

export function hasPoison(memdev: Memdev): boolean {
  return memdev.hardware.config.features?.poison ?? true;
}

/** cxl_validate_poison_dpa(). EINVAL: no capacity, outside of it, or not a multiple of 64. */
function validate(memdev: Memdev, dpa: bigint): number {
  const { capacity } = memdev.hardware;
  if (dpa >= BigInt(capacity))
    throw new KernelError('EINVAL', `${memdev.name}: ${hex(dpa)} is beyond its capacity`);
  if (dpa % POISON_UNIT !== 0n)
    throw new KernelError('EINVAL', `${hex(dpa)} is not a multiple of 64`);
  return Number(dpa);
}

/**
 * EINVAL: see validate; EBUSY: the device cannot list more. Where the place is system memory the
 * kernel hears of it; whatever it can do about the page, the device has poisoned the place, so that
 * is success.
 */
export function injectPoison(memdev: Memdev, dpa: bigint): void {
  const at = validate(memdev, dpa);
  const { poison } = memdev.hardware;
  if (!poison.has(at) && poison.size >= POISON_LIMIT)
    throw new KernelError('EBUSY', 'poison injection limit reached');
  poison.add(at);
  reportMediaError(memdev, at);
}

/**
 * Clearing what is not poisoned is success. EINVAL: see validate. The kernel is not told: a page
 * that it took out of use stays so until its memory block is removed.
 */
export function clearPoison(memdev: Memdev, dpa: bigint): void {
  memdev.hardware.poison.delete(validate(memdev, dpa));
}

/**
 * `trigger_poison_list`: there while cxl_mem is bound. The list goes to trace events, here to the
 * log.
 */
function triggerPoisonList(device: Device, text: string): void {
  if (!kstrtobool(text)) throw new KernelError('EINVAL', 'only a true value lists poison');
  if (!(device.object instanceof Memdev)) return;
  for (const dpa of device.object.hardware.poison) {
    device.kernel.log.print(
      'info',
      `cxl_poison: memdev=${device.name} dpa=${hex(dpa)} dpa_length=0x40`,
    );
  }
}

export const POISON_LIST_GROUP: AttributeGroup<Device> = {
  source: MEMDEV_FILES,
  attributes: [{ name: 'trigger_poison_list', mode: 0o200, store: triggerPoisonList }],
  visible: ({ object }, attribute) =>
    object instanceof Memdev && hasPoison(object) ? attribute.mode : 0,
};
