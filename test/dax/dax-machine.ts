// A kernel with the dax subsystem and nothing else: memory hotplug is a small fake, the producer a
// device made by hand.
import { bootDax, type DaxOptions, type DaxSubsystem } from '../../src/dax/boot.ts';
import type { DaxMemory } from '../../src/dax/dax-context.ts';
import type { DaxRegion, DaxRegionOptions } from '../../src/dax/dax-region.ts';
import { Bus } from '../../src/driver-core/bus.ts';
import { Device } from '../../src/driver-core/device.ts';
import { Kernel } from '../../src/driver-core/kernel.ts';
import { KernelError } from '../../src/errno.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import { MemoryGroup } from '../../src/mm/hotplug/memory-group.ts';
import type { DriverManagedMemory } from '../../src/mm/hotplug/memory-hotplug.ts';
import type { OnlineType } from '../../src/mm/hotplug/online-type.ts';
import { ResourceTree } from '../../src/mm/resource.ts';
import { errnoOf } from '../errno-of.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
export const BLOCK = 128 * MIB;

/** Memory hotplug as kmem sees it: blocks by address, and what each was asked to be. */
class FakeHotplug {
  readonly blockSize = BLOCK;
  defaultOnlineType: OnlineType = 'offline';
  memmapSupported = false;
  readonly possibleNodes = new Set([0, 1, 2]);
  readonly blocks = new Map<number, OnlineType>();
  readonly groups = new Set<MemoryGroup>();
  readonly added: DriverManagedMemory[] = [];
  /** Ranges at these addresses cannot be added. */
  readonly refused = new Set<number>();
  private readonly iomem: ResourceTree;

  constructor(iomem: ResourceTree) {
    this.iomem = iomem;
  }

  memmapOnMemorySupported(): boolean {
    return this.memmapSupported;
  }

  registerStaticGroup(nid: number, maxPages: number): MemoryGroup {
    if (!this.possibleNodes.has(nid))
      throw new KernelError('EINVAL', `node ${nid} is not possible`);
    const group = new MemoryGroup(this.groups.size + 1, nid, maxPages);
    this.groups.add(group);
    return group;
  }

  unregisterGroup(group: MemoryGroup): void {
    this.groups.delete(group);
  }

  addDriverManagedMemory(memory: DriverManagedMemory): void {
    if (this.refused.has(memory.start)) throw new KernelError('EEXIST', 'refused by the test');
    this.iomem.request(memory.start, memory.size, memory.name, { driverManaged: true });
    this.added.push(memory);
    const type = memory.onlineType ?? this.defaultOnlineType;
    for (let at = memory.start; at < memory.start + memory.size; at += BLOCK)
      this.blocks.set(at, type);
  }

  hasOnlineMemory(start: number, size: number): boolean {
    return [...this.blocks].some(
      ([at, type]) => at >= start && at < start + size && type !== 'offline',
    );
  }

  removeMemory(start: number, size: number): void {
    const inside = [...this.blocks.keys()].filter((at) => at >= start && at < start + size);
    if (inside.some((at) => this.blocks.get(at) !== 'offline'))
      throw new KernelError('EBUSY', 'a block is online');
    for (const at of inside) this.blocks.delete(at);
    for (const each of this.entries()) {
      if (each.start === start && each.name.startsWith('System RAM')) this.iomem.release(each);
    }
  }

  private entries(from = this.iomem.children): ResourceTree['children'] {
    return from.flatMap((each) => [each, ...this.entries(each.children)]);
  }
}

/** Counts who uses the memory type of a node, by node. */
class FakeTiers {
  readonly users = new Map<number, number>();

  initNodeMemoryType(nid: number): void {
    this.users.set(nid, (this.users.get(nid) ?? 0) + 1);
  }

  clearNodeMemoryType(nid: number): void {
    this.users.set(nid, (this.users.get(nid) ?? 0) - 1);
  }

  calculateDistance(_: number, fallback: number): number {
    return fallback;
  }
}

export interface ProducedRegion {
  readonly parent: Device;
  readonly region: DaxRegion;
  /** The region's directory below /sys. */
  readonly path: string;
}

export const WINDOW_START = 16 * GIB;

const DEFAULT_OPTIONS: DaxOptions = {
  major: 252,
  drivers: ['device_dax', 'kmem', 'fsdev_dax'],
  modular: false,
  captureDefaultOnlineType: false,
};

export class DaxMachine {
  readonly kernel = new Kernel();
  readonly iomem = new ResourceTree();
  readonly hotplug = new FakeHotplug(this.iomem);
  readonly tiers = new FakeTiers();
  readonly dax: DaxSubsystem;
  private readonly producers: Bus;
  private readonly wanted = new Map<string, (parent: Device) => void>();

  constructor(options: Partial<DaxOptions> = {}) {
    const memory: DaxMemory = { iomem: this.iomem, hotplug: this.hotplug, tiers: this.tiers };
    this.dax = bootDax(this.kernel, memory, { ...DEFAULT_OPTIONS, ...options });
    this.iomem.insert(WINDOW_START, 256 * GIB, 'CXL Window 0');
    this.producers = new Bus(this.kernel, { name: 'producers' });
    this.producers.registerDriver({
      name: 'producer',
      probe: (device) => this.wanted.get(device.name)?.(device),
    });
  }

  /** A region of 1 GiB at the window's start with one device over it, unless said otherwise. */
  produce(options: Partial<DaxRegionOptions> = {}, deviceSize?: number): ProducedRegion {
    const id = options.id ?? 0;
    const name = `dax_region${id}`;
    const size = options.size ?? GIB;
    let made: DaxRegion | undefined;
    this.wanted.set(name, (device) => {
      const region = {
        id,
        start: WINDOW_START,
        size,
        targetNode: 2,
        align: 2 * MIB,
        kmem: true,
        ...options,
      };
      made = this.dax.createRegion(device, region);
      made.createDevice(deviceSize ?? size);
    });
    const parent = new Device(this.kernel, { name, object: {}, bus: this.producers });
    parent.add();
    if (made === undefined || parent.driver === undefined)
      throw new Error(`${name} was not produced`);
    return { parent, region: made, path: `/sys/devices/${name}` };
  }

  /** A device that no driver takes. */
  orphan(name: string): Device {
    return new Device(this.kernel, { name, object: {} }).add();
  }

  /** The producer's driver, for tests that unbind a region's parent. */
  get producerPath(): string {
    return '/sys/bus/producers/drivers/producer';
  }

  read(path: string): string {
    const node = resolve(this.kernel.root, path);
    if (node.kind !== 'file') throw new Error(`${path} is not a file`);
    return new OpenFile(node, { read: true, write: false }).read(0, 4096);
  }

  write(path: string, text: string): number {
    const node = resolve(this.kernel.root, path);
    if (node.kind !== 'file') throw new Error(`${path} is not a file`);
    return new OpenFile(node, { read: false, write: true }).write(text);
  }

  mode(path: string): number {
    return resolve(this.kernel.root, path).mode;
  }

  /** 'ok' or the errno of the write. */
  attempt(path: string, text: string): string {
    return errnoOf(() => this.write(path, text));
  }

  exists(path: string): boolean {
    try {
      resolve(this.kernel.root, path, false);
      return true;
    } catch (error) {
      if (error instanceof KernelError && error.errno === 'ENOENT') return false;
      throw error;
    }
  }

  /** Entries of the directory, sorted by name. */
  list(path: string): string[] {
    const node = resolve(this.kernel.root, path);
    return node.kind === 'directory' ? [...node.names()].sort() : [];
  }

  /** Lines of /proc/iomem below the window, without their indentation. */
  iomemLines(): string[] {
    return this.iomem
      .render()
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }

  /** What is logged while `action` runs. */
  logged(action: () => void): string[] {
    const lines: string[] = [];
    const stop = this.kernel.log.subscribe(({ text }) => lines.push(text));
    action();
    stop();
    return lines;
  }
}
