/**
 * `node<Y>/access0` and `access1`: who reaches the node best, and how fast (`drivers/base/node.c`,
 * `hmat.c`, 7.2).
 */

import { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { KernfsDirectory } from '../../kernfs/node.ts';
import { KernfsFile, linkTo } from '../../kernfs/node.ts';
import type { AccessCoordinates } from '../config.ts';
import { NODE_FILES } from '../sources.ts';
import type { WeightedInterleave } from '../tier/weighted-interleave.ts';
import type { NodeDevices } from './device.ts';
import type { AccessClass, Hmat } from './hmat.ts';
import { ACCESS_CLASSES } from './hmat.ts';
import { NODE_PRIORITY } from './notifier.ts';
import type { NodeStates } from './numa-node.ts';

export type { AccessClass } from './hmat.ts';

const FILES: readonly (readonly [string, keyof AccessCoordinates])[] = [
  ['read_bandwidth', 'readBandwidth'],
  ['read_latency', 'readLatency'],
  ['write_bandwidth', 'writeBandwidth'],
  ['write_latency', 'writeLatency'],
];

export class NodeAccess {
  private readonly kernel: Kernel;
  private readonly devices: NodeDevices;
  private readonly hmat: Hmat;
  private readonly interleave: WeightedInterleave;
  /** Nodes that are targets of their own: not those of generic ports. */
  private readonly targets: ReadonlySet<number>;
  private readonly values = new Map<string, AccessCoordinates>();
  private readonly registered = new Set<number>();

  constructor(
    kernel: Kernel,
    parts: {
      readonly nodes: NodeStates;
      readonly devices: NodeDevices;
      readonly hmat: Hmat;
      readonly interleave: WeightedInterleave;
      readonly targets: ReadonlySet<number>;
    },
  ) {
    this.kernel = kernel;
    this.devices = parts.devices;
    this.hmat = parts.hmat;
    this.interleave = parts.interleave;
    this.targets = parts.targets;
    parts.nodes.onFirstMemory((nid) => this.register(nid), NODE_PRIORITY.access);
  }

  /**
   * node_update_perf_attrs(): new values for an existing class; it creates no class. The weights of
   * interleaving follow the processors' class in either case.
   */
  updateAccess(nid: number, accessClass: AccessClass, coordinates: AccessCoordinates): void {
    const key = keyOf(nid, accessClass);
    if (this.values.has(key)) this.values.set(key, coordinates);
    if (accessClass === 1) this.interleave.setPerformance(nid, coordinates);
  }

  /** The values of a class, if the node has it. */
  coordinates(nid: number, accessClass: AccessClass): AccessCoordinates | undefined {
    return this.values.get(keyOf(nid, accessClass));
  }

  /** hmat_register_target(): once in the life of the machine, when the node is online. */
  register(nid: number): void {
    if (
      this.registered.has(nid) ||
      !this.targets.has(nid) ||
      this.devices.device(nid) === undefined
    )
      return;
    for (const accessClass of ACCESS_CLASSES) {
      const access = this.hmat.access(nid, accessClass);
      if (access === undefined) continue;
      this.registered.add(nid);
      this.createClass(nid, accessClass, access.coordinates);
      for (const initiator of access.initiators) this.linkNodes(initiator, nid, accessClass);
    }
  }

  /** node_set_perf_attrs() */
  private createClass(nid: number, accessClass: AccessClass, coordinates: AccessCoordinates): void {
    const directory = this.classDirectory(nid, accessClass)?.ensureDirectory('initiators');
    if (directory === undefined) return;
    const key = keyOf(nid, accessClass);
    this.values.set(key, coordinates);
    for (const [name, figure] of FILES) {
      const show = (): string => `${this.values.get(key)?.[figure] ?? 0}\n`;
      directory.add(new KernfsFile(name, 0o444, { show, source: NODE_FILES }));
    }
    if (accessClass === 1) this.interleave.setPerformance(nid, coordinates);
  }

  /** register_memory_node_under_compute_node() */
  private linkNodes(initiator: number, target: number, accessClass: AccessClass): void {
    const from = this.devices.device(initiator)?.directory;
    const to = this.devices.device(target)?.directory;
    if (from === undefined || to === undefined) return;
    this.classDirectory(initiator, accessClass)
      ?.ensureDirectory('targets')
      .add(linkTo(`node${target}`, to, NODE_FILES));
    this.classDirectory(target, accessClass)
      ?.ensureDirectory('initiators')
      .add(linkTo(`node${initiator}`, from, NODE_FILES));
  }

  /** node_init_node_access(): both groups exist from the start. */
  private classDirectory(nid: number, accessClass: AccessClass): KernfsDirectory | undefined {
    const parent = this.devices.device(nid);
    if (parent === undefined) return undefined;
    const name = `access${accessClass}`;
    const existing = parent.directory?.lookup(name);
    if (existing?.kind === 'directory') return existing;
    const device = new Device(this.kernel, { name, object: undefined, parent });
    device.add();
    for (const group of ['initiators', 'targets']) device.directory?.ensureDirectory(group);
    return device.directory;
  }
}

function keyOf(nid: number, accessClass: AccessClass): string {
  return `${nid}/${accessClass}`;
}
