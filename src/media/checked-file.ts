/**
 * One dax device, served page by page: what device_dax does at open and at a fault (`dax_open`,
 * `dev_dax_huge_fault` of `drivers/dax/device.c`, 7.2).
 */
import { dpaToHpa } from '../cxl/address/address.ts';
import type { KernelLog } from '../driver-core/kernel-log.ts';
import { KernelError } from '../errno.ts';
import type { MemoryFile } from '../fuse/index.ts';
import { hex } from '../kernfs/format.ts';
import type { DaxHardware, DaxSpan } from '../platform/dax-hardware.ts';
import { PAGE_SIZE } from '../units.ts';
import type { DaxCounters } from './counters.ts';
import type { MediaStore } from './store.ts';
import { lengthOf } from './views.ts';

const POISON_UNIT = 64;

function pageOf(offset: number): number {
  return offset - (offset % PAGE_SIZE);
}

interface PageRange {
  readonly offset: number;
  readonly length: number;
}

export class CheckedFile implements MemoryFile {
  private readonly name: string;
  private readonly store: MediaStore;
  private readonly hardware: DaxHardware;
  private readonly log: KernelLog;
  private readonly counters: DaxCounters;
  /** Undefined while no character driver is bound. */
  private served: readonly DaxSpan[] | undefined;
  /** Where pages belong that were stored to: also when they come after the driver is gone. */
  private spans: readonly DaxSpan[] = [];
  private poison: ReadonlySet<number> = new Set();
  /** The memory was taken by force. */
  private lost: boolean;
  /** Each stands for a descriptor with its copies and mappings. */
  private opens = 0;
  /** Pages and processes: the kernel asks for a failing page more than once. */
  private readonly reported = new Set<string>();

  constructor(
    name: string,
    store: MediaStore,
    hardware: DaxHardware,
    log: KernelLog,
    counters: DaxCounters,
  ) {
    this.name = name;
    this.store = store;
    this.hardware = hardware;
    this.log = log;
    this.counters = counters;
    this.lost = hardware.isLost(name);
  }

  /** The driver came or went. */
  serve(spans: readonly DaxSpan[] | undefined): void {
    this.served = spans;
    this.reported.clear();
    if (spans === undefined) return;
    this.spans = spans;
    this.poison = this.findPoison();
  }

  get isOpen(): boolean {
    return this.opens > 0;
  }

  open(pid: number): void {
    if (this.served === undefined) {
      this.counters.refused.open += 1;
      throw new KernelError('ENXIO', `${this.name} has no character driver`);
    }
    this.opens += 1;
    this.counters.opened(pid);
  }

  release(): void {
    this.opens -= 1;
  }

  fault(offset: number, into: Buffer, pid: number): void {
    const lost =
      this.lost || this.served === undefined || offset + into.length > lengthOf(this.served);
    const poisoned = lost ? undefined : this.poisonIn(offset, into.length);
    if (!lost && poisoned === undefined) {
      this.store.read(this.spans, offset, into);
      this.counters.faulted(pid, into.length);
      return;
    }
    // Pages read ahead fail quietly: the one that is wanted is asked for again, alone.
    if (into.length === PAGE_SIZE) this.sigbus(offset, pid, poisoned);
    throw new KernelError('EIO', `${this.name}: ${hex(offset)} is ${lost ? 'gone' : 'poisoned'}`);
  }

  private sigbus(offset: number, pid: number, poisoned: number | undefined): void {
    const key = `${pid}:${offset}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.counters.killed(pid);
    const why =
      poisoned === undefined ? 'no memory is behind it any more' : 'hardware memory corruption';
    this.log.print(
      'err',
      `${this.name}: SIGBUS to process ${pid} at offset ${hex(offset)}: ${why}`,
    );
  }

  /** What was stored to memory that is lost by now goes with it. */
  writeBack(offset: number, bytes: Buffer): void {
    if (this.lost) return;
    this.counters.writtenBack += bytes.length;
    this.store.write(this.spans, offset, bytes);
  }

  refused(operation: 'read' | 'write'): void {
    this.counters.refused[operation] += 1;
  }

  private poisonIn(offset: number, length: number): number | undefined {
    if (this.poison.size === 0) return undefined;
    for (const at of this.poison) if (at >= pageOf(offset) && at < offset + length) return at;
    return undefined;
  }

  /** Offsets of poisoned units. */
  private findPoison(): Set<number> {
    const units = new Set<number>();
    for (const span of this.spans) {
      for (const { device } of span.map.targets) {
        for (const dpa of this.hardware.poison(device)) {
          const hpa = dpaToHpa(span.map, device, dpa);
          if (hpa === undefined || hpa < span.hpa || hpa >= span.hpa + span.length) continue;
          units.add(span.offset + hpa - span.hpa);
        }
      }
    }
    return units;
  }

  lose(): void {
    this.lost = true;
  }

  /**
   * Brings the poison up to date; returns the pages that have new poison. What was cleared is zero,
   * as the kernel's command to the device says (`cxl_clear_poison`).
   */
  updatePoison(): PageRange[] {
    const before = this.poison;
    this.poison = this.findPoison();
    const added = [...this.poison].filter((at) => !before.has(at));
    const cleared = [...before].filter((at) => !this.poison.has(at));
    for (const at of cleared) this.store.write(this.spans, at, Buffer.alloc(POISON_UNIT));
    if (added.length + cleared.length > 0) this.reported.clear();
    return added.map((at) => ({ offset: pageOf(at), length: PAGE_SIZE }));
  }
}
