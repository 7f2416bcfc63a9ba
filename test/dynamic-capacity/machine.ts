/**
 * A machine with dynamic capacity for tests: 1 GiB of ram and 2 GiB of dynamic_ram_a in one device,
 * and a committed region over the dynamic part that no driver is bound to.
 */
import { boot, parseMachine } from '../../src/index.ts';
import { readFile } from '../../src/kernfs/access.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import type { BootedMachine } from '../../src/platform/machine.ts';
import { writePath } from '../../src/platform/user-write.ts';
import { errnoOf } from '../errno-of.ts';

export const CXL = '/sys/bus/cxl';
export const CAPACITY = '/sys/kernel/debug/cxlbox/capacity/mem0';
export const REGION_START = 0x190000000;
export const MIB = 2 ** 20;
export const SIZE = 2048 * MIB;
export const TAG = '11111111-2222-3333-4444-555555555555';

const TEXT = `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 8GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: pool}]}]
devices: {pool: {ram: 1GiB, dynamic_ram_a: 2GiB}}
regions: [{devices: [pool], type: dynamic_ram_a}]
`;

export type Surface = 'devdax' | 'sysram' | 'cxl_region';

export class DynamicMachine {
  readonly machine: BootedMachine;

  constructor(surface?: Surface, onlineType = 'online_movable') {
    this.machine = boot(parseMachine(TEXT, 'dynamic.yaml'));
    if (surface !== undefined) this.bind(surface, onlineType);
  }

  bind(surface: Surface, onlineType = 'online_movable'): void {
    if (surface === 'cxl_region') this.write(`${CXL}/drivers/cxl_region/bind`, 'region0');
    if (surface === 'devdax') this.write(`${CXL}/drivers/cxl_devdax_region/bind`, 'region0');
    if (surface !== 'sysram') return;
    this.write(`${CXL}/drivers/cxl_sysram_region/bind`, 'region0');
    this.write(`${CXL}/devices/sysram_region0/online_type`, onlineType);
    this.write(`${CXL}/drivers/cxl_dax_kmem_region/bind`, 'sysram_region0');
  }

  write(path: string, text: string): void {
    writePath(this.machine.kernel, path, text);
  }

  /** The errno of a write, or `ok`. */
  outcome(path: string, text: string): string {
    return errnoOf(() => this.write(path, text));
  }

  read(path: string): string {
    return readFile(this.machine.kernel.root, path);
  }

  names(path: string): string[] {
    const node = resolve(this.machine.kernel.root, `/sys/${path}`);
    return node.kind === 'directory' ? [...node.names()].sort() : [];
  }

  add(text: string): string {
    return this.outcome(`${CAPACITY}/add`, text);
  }

  release(text: string): string {
    return this.outcome(`${CAPACITY}/release`, text);
  }

  extents(): string[] {
    return this.read(`${CAPACITY}/extents`)
      .split('\n')
      .filter((line) => line !== '');
  }

  /** Dax devices with the offset of each range from the start of the region. */
  devices(): string[] {
    return this.names('bus/dax/devices').map((name) => {
      const ranges = this.machine.dax.deviceByNode(name)?.ranges ?? [];
      const parts = ranges.map(
        ({ start, end }) => `${(start - REGION_START) / MIB}+${(end - start + 1) / MIB}`,
      );
      return `${name} ${this.machine.dax.deviceByNode(name)?.driverName ?? '-'} ${parts.join(' ')}`.trimEnd();
    });
  }

  /** Numbers of the memory blocks of the region, with their state. */
  blocks(): string[] {
    return this.names('devices/system/memory')
      .filter((name) => Number(/^memory(\d+)$/.exec(name)?.[1] ?? -1) >= REGION_START / (128 * MIB))
      .map((name) => `${name} ${this.read(`/sys/devices/system/memory/${name}/state`).trim()}`);
  }

  log(): string {
    return this.read('/sys/kernel/debug/cxlbox/log');
  }
}
