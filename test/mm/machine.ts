/**
 * A small machine for the tests of memory management: two processor nodes with 2 GiB each, a CXL
 * window as node 2.
 */
import { Kernel } from '../../src/driver-core/kernel.ts';
import type { Uevent } from '../../src/driver-core/uevent.ts';
import type { KernfsDirectory } from '../../src/kernfs/node.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import { bootMemoryManagement } from '../../src/mm/boot/boot.ts';
import type { MmConfig, ZoneName } from '../../src/mm/config.ts';
import type { MemoryGroup } from '../../src/mm/hotplug/memory-group.ts';
import type { OnlineType } from '../../src/mm/hotplug/online-type.ts';
import type { MemoryManagement } from '../../src/mm/memory-management.ts';
import { takePages } from '../../src/mm/page-allocator/bulk.ts';
import type { PageKind } from '../../src/mm/page-allocator/page-kind.ts';
import { PAGE_KIND } from '../../src/mm/page-allocator/page-kind.ts';
import type { Zone } from '../../src/mm/zone/zone.ts';
import { ZONE } from '../../src/mm/zone/zone.ts';
import { errnoOf } from '../errno-of.ts';

export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;
export const BLOCK = 128 * MIB;
export const WINDOW = 0x190000000;
/** The first block of the window. */
export const FIRST = WINDOW / BLOCK;
export const MEMORY = '/sys/devices/system/memory';
export const NODE = '/sys/devices/system/node';

export const DIRECT2: MmConfig = {
  blockSize: BLOCK,
  nodes: [
    {
      id: 0,
      cpus: [0],
      memory: [{ start: 0, size: 2 * GIB }],
      zones: [
        { zone: 'DMA', startPfn: 1, spanned: 4095, present: 3998, managed: 3840 },
        { zone: 'DMA32', startPfn: 4096, spanned: 520160, present: 520160, managed: 484803 },
      ],
    },
    {
      id: 1,
      cpus: [1],
      memory: [{ start: 4 * GIB, size: 2 * GIB }],
      zones: [
        { zone: 'Normal', startPfn: 1048576, spanned: 524288, present: 524288, managed: 493729 },
      ],
    },
  ],
  possibleNodes: [0, 1, 2, 3],
  distances: [
    [10, 20],
    [20, 10],
  ],
  systemRam: [
    { start: 0x1000, size: 0x9ec00 },
    { start: 0x100000, size: 0x7fee0000 },
    { start: 4 * GIB, size: 2 * GIB },
  ],
  windowNodes: [{ start: WINDOW, size: 4 * GIB, nid: 2 }],
};

/** Performance tables of DIRECT2: DRAM near and far, the generic port of the window as target 2. */
export const HMAT: Partial<MmConfig> = {
  performance: [0, 1].flatMap((initiator) =>
    [0, 1, 2].map((target) => {
      const latency = target === 2 ? 50 : target === initiator ? 10 : 20;
      const bandwidth = target === 2 ? 20480 : target === initiator ? 102400 : 51200;
      return {
        initiator,
        target,
        coordinates: {
          readLatency: latency,
          writeLatency: latency,
          readBandwidth: bandwidth,
          writeBandwidth: bandwidth,
        },
      };
    }),
  ),
  localInitiators: [
    { target: 0, initiator: 0 },
    { target: 1, initiator: 1 },
  ],
};

export class TestMachine {
  readonly kernel = new Kernel();
  readonly mm: MemoryManagement;
  readonly events: string[] = [];

  constructor(change: Partial<MmConfig> = {}) {
    this.mm = bootMemoryManagement(this.kernel, { ...DIRECT2, ...change });
    this.mm.iomem.insert(WINDOW, 4 * GIB, 'CXL Window 0');
    this.kernel.uevents.subscribe((event: Uevent) => {
      this.events.push(`${event.action} ${event.devpath.split('/').at(-1)}`);
    });
  }

  /** What kmem does: a group, and its memory. `at` and `size` in blocks of the window. */
  add(
    at: number,
    size: number,
    options: { onlineType?: OnlineType; memmapOnMemory?: boolean; nid?: number } = {},
  ): MemoryGroup {
    const group = this.mm.hotplug.registerStaticGroup(options.nid ?? 2, (size * BLOCK) / 4096);
    this.mm.hotplug.addDriverManagedMemory({
      group,
      start: WINDOW + at * BLOCK,
      size: size * BLOCK,
      name: 'System RAM (kmem)',
      memmapOnMemory: options.memmapOnMemory ?? false,
      onlineType: options.onlineType,
    });
    return group;
  }

  remove(at: number, size: number): void {
    this.mm.hotplug.removeMemory(WINDOW + at * BLOCK, size * BLOCK);
  }

  read(path: string): string {
    const node = resolve(this.kernel.root, path);
    if (node.kind !== 'file') throw new Error(`${path} is not a file`);
    return new OpenFile(node, { read: true, write: false }).read(0, 1 << 20);
  }

  /** The errno of the write, or 'ok'. */
  write(path: string, text: string): string {
    return errnoOf(() => {
      const node = resolve(this.kernel.root, path);
      if (node.kind !== 'file') throw new Error(`${path} is not a file`);
      new OpenFile(node, { read: false, write: true }).write(text);
    });
  }

  /** Block of the window, counted from its start. */
  state(block: number, text?: string): string {
    const path = `${MEMORY}/memory${FIRST + block}/state`;
    return text === undefined ? this.read(path).trim() : this.write(path, text);
  }

  zones(block: number): string {
    return this.read(`${MEMORY}/memory${FIRST + block}/valid_zones`).trim();
  }

  names(path: string): string[] {
    return (resolve(this.kernel.root, path) as KernfsDirectory).sortedNames();
  }

  exists(path: string): boolean {
    return errnoOf(() => resolve(this.kernel.root, path)) === 'ok';
  }

  /** Events since the last call. */
  take(): string[] {
    return this.events.splice(0);
  }

  zone(nid: number, name: ZoneName): Zone {
    return this.mm.nodes.node(nid).zone(ZONE[name]);
  }

  /** Somebody takes pages of the zone, whatever its watermarks say. Returns how many there were. */
  occupy(zone: Zone, pages: number, kind: PageKind = PAGE_KIND.anon): number {
    return takePages(zone.pages, this.mm.nodes.owners.create(`a test's ${kind.name}`, kind), pages);
  }

  zoneFigures(
    nid: number,
    name: string,
  ): Record<'startPfn' | 'spanned' | 'present' | 'managed' | 'free', number> {
    const zone = this.mm.nodes.node(nid).zones.find((each) => each.name === name);
    if (zone === undefined) throw new Error(`no zone ${name}`);
    const { startPfn, spanned, present, managed, free } = zone;
    return { startPfn, spanned, present, managed, free };
  }
}
