/**
 * The directories `/sys/devices/system/node` and `node<Y>` (`drivers/base/node.c`, 7.2).
 */

import { Bus } from '../../driver-core/bus.ts';
import { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { UEVENT_FILE } from '../../driver-core/sources.ts';
import { synthesize } from '../../driver-core/synthetic-uevent.ts';
import { rangeList } from '../../kernfs/format.ts';
import type { ChildSource, KernfsDirectory } from '../../kernfs/node.ts';
import { KernfsFile, KernfsLink } from '../../kernfs/node.ts';
import type { MemoryBlocks } from '../memory-block.ts';
import { FLAG_LINKED } from '../memory-block.ts';
import { NODE_FILES } from '../sources.ts';
import type { NodeObject } from './attributes.ts';
import { NODE_GROUPS } from './attributes.ts';
import type { NodeStates } from './numa-node.ts';
import { NODE_MASKS } from './numa-node.ts';

/** The `uevent` file of a root device: it has no bus, so a valid write sends nothing. */
export function addRootUevent(directory: KernfsDirectory): void {
  const store = (text: string): void => synthesize(text, () => undefined);
  directory.add(new KernfsFile('uevent', 0o644, { show: () => '', store, source: UEVENT_FILE }));
}

/** `memory<N>` below a node: N is decimal, without leading zeros. */
export function blockIdOf(name: string): number | undefined {
  const match = /^memory(0|[1-9]\d{0,9})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export class NodeDevices {
  private readonly kernel: Kernel;
  private readonly nodes: NodeStates;
  private readonly blocks: MemoryBlocks;
  private readonly bus: Bus;
  private readonly directory: KernfsDirectory;
  private readonly devices = new Map<number, Device<NodeObject>>();

  constructor(kernel: Kernel, nodes: NodeStates, blocks: MemoryBlocks) {
    this.kernel = kernel;
    this.nodes = nodes;
    this.blocks = blocks;
    this.bus = new Bus(kernel, { name: 'node' });
    this.directory = kernel.directory('devices/system/node');
    addRootUevent(this.directory);
    for (const mask of NODE_MASKS) {
      this.directory.add(
        new KernfsFile(mask, 0o444, {
          show: () => `${rangeList(nodes.ids(mask))}\n`,
          source: NODE_FILES,
        }),
      );
    }
  }

  device(nid: number): Device<NodeObject> | undefined {
    return this.devices.get(nid);
  }

  /** __register_one_node(): the node enters the online mask and gets its directory. */
  bringOnline(nid: number): void {
    this.nodes.set('online', nid);
    const node = this.nodes.node(nid);
    const device = new Device<NodeObject>(this.kernel, {
      name: `node${nid}`,
      object: { node, nodes: this.nodes },
      bus: this.bus,
      place: this.directory,
      groups: NODE_GROUPS,
    });
    device.add();
    this.devices.set(nid, device);
    device.directory?.addSource(this.blockLinks(nid));
    for (const cpu of node.cpus)
      device.directory?.add(new KernfsLink(`cpu${cpu}`, () => `../../cpu/cpu${cpu}`, NODE_FILES));
  }

  /** unregister_node(): whatever hangs below the node goes with it. */
  takeOffline(nid: number): void {
    this.nodes.set('online', nid, false);
    this.devices.get(nid)?.del();
    this.devices.delete(nid);
  }

  /** Forgets the links between the block and its nodes. */
  dropBlockLinks(id: number): void {
    for (const nid of this.blocks.nodes(id))
      this.devices.get(nid)?.directory?.dropSourced(`memory${id}`);
  }

  private blockLinks(nid: number): ChildSource {
    const { blocks } = this;
    const linked = (id: number): boolean =>
      blocks.hasFlag(id, FLAG_LINKED) && blocks.isOnNode(id, nid);
    return {
      kind: 'link',
      lookup: (name) => {
        const id = blockIdOf(name);
        if (id === undefined || !linked(id)) return undefined;
        return new KernfsLink(name, () => `../../memory/${name}`, NODE_FILES);
      },
      *names() {
        for (const id of blocks.ids()) if (linked(id)) yield `memory${id}`;
      },
    };
  }
}
