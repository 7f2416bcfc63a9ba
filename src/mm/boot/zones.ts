/**
 * Zones at boot: the figures of the machine description, or what the memory ranges give
 * (`free_area_init`, 7.2).
 */
import { PAGE_SIZE } from '../../units.ts';
import type { BootZone, MemoryRange, MmConfig, MmNode } from '../config.ts';
import { DMA_LIMIT, DMA32_LIMIT } from '../constants.ts';
import { memmapPages } from '../hotplug/memmap-size.ts';
import type { NumaNode } from '../node/numa-node.ts';
import type { Zone } from '../zone/zone.ts';
import { zoneName } from '../zone/zone.ts';
import { layOutBootZone } from './layout.ts';

/** The common part of two ranges. */
export function intersection(a: MemoryRange, b: MemoryRange): MemoryRange | undefined {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.start + a.size, b.start + b.size);
  return start < end ? { start, size: end - start } : undefined;
}

/** The System RAM of a node. */
export function ramOf(node: MmNode, config: MmConfig): MemoryRange[] {
  const parts: MemoryRange[] = [];
  for (const range of node.memory) {
    for (const ram of config.systemRam) {
      const part = intersection(range, ram);
      if (part !== undefined) parts.push(part);
    }
  }
  return parts.sort((a, b) => a.start - b.start);
}

const LIMITS: readonly MemoryRange[] = [
  { start: 0, size: DMA_LIMIT },
  { start: DMA_LIMIT, size: DMA32_LIMIT - DMA_LIMIT },
  { start: DMA32_LIMIT, size: Number.MAX_SAFE_INTEGER - DMA32_LIMIT },
];

function derive(ram: readonly MemoryRange[]): BootZone[] {
  const zones: BootZone[] = [];
  LIMITS.forEach((limit, index) => {
    const parts = ram
      .map((range) => intersection(range, limit))
      .filter((part) => part !== undefined);
    const [first] = parts;
    const last = parts.at(-1);
    if (first === undefined || last === undefined) return;
    const startPfn = Math.ceil(first.start / PAGE_SIZE);
    const endPfn = Math.floor((last.start + last.size) / PAGE_SIZE);
    const present = parts.reduce((sum, part) => {
      return (
        sum + Math.floor((part.start + part.size) / PAGE_SIZE) - Math.ceil(part.start / PAGE_SIZE)
      );
    }, 0);
    const managed = present - memmapPages(present);
    zones.push({ zone: zoneName(index), startPfn, spanned: endPfn - startPfn, present, managed });
  });
  return zones;
}

function apply(zone: Zone, boot: BootZone): void {
  zone.setSpan(boot.startPfn, boot.startPfn + boot.spanned);
  zone.bootStartPfn = zone.startPfn;
  zone.bootEndPfn = zone.endPfn;
  zone.present = boot.present;
  zone.presentEarly = boot.present;
  zone.managed = boot.managed;
}

export function bootZones(node: NumaNode, description: MmNode, config: MmConfig): void {
  const ram = ramOf(description, config);
  const figures = description.zones ?? derive(ram);
  for (const zone of node.zones) {
    const boot = figures.find((each) => each.zone === zone.name);
    if (boot === undefined) continue;
    apply(zone, boot);
    layOutBootZone(zone, ram);
  }
}
