/**
 * The N of `memN`: the lowest free number. When the driver cxl_pci is registered it probes all
 * devices at once, and which of them draws its number first is a matter of luck; a machine
 * description says how the luck fell.
 */
import { Ida } from '../../driver-core/ida.ts';
import type { MemoryHardware } from '../objects/memory-hardware.ts';

export class MemdevNumbers {
  private readonly ida = new Ida();
  private readonly drawn = new Map<MemoryHardware, number>();

  /** Numbers for devices that are about to be probed together, in order of arrival. */
  drawAll(devices: readonly MemoryHardware[]): void {
    const wanted = (device: MemoryHardware): number =>
      device.config.memId ?? Number.MAX_SAFE_INTEGER;
    for (const device of [...devices].sort((a, b) => wanted(a) - wanted(b))) {
      const { memId } = device.config;
      this.drawn.set(
        device,
        memId !== undefined && this.ida.take(memId) ? memId : this.ida.allocate(),
      );
    }
  }

  allocate(device: MemoryHardware): number {
    const drawn = this.drawn.get(device);
    if (drawn === undefined) return this.ida.allocate();
    this.drawn.delete(device);
    return drawn;
  }

  free(id: number): void {
    this.ida.free(id);
  }
}
