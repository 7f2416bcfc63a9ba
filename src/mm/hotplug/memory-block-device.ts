/**
 * `/sys/devices/system/memory/memory<N>` (`drivers/base/memory.c`, 7.2). Directories are made when
 * a program looks at them.
 */

import type { Bus } from '../../driver-core/bus.ts';
import { DEVICE_LINKS, UEVENT_FILE } from '../../driver-core/sources.ts';
import { synthesize } from '../../driver-core/synthetic-uevent.ts';
import { KernelError } from '../../errno.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import type { ChildSource, FileContent } from '../../kernfs/node.ts';
import { KernfsDirectory, KernfsFile, KernfsLink, linkTo } from '../../kernfs/node.ts';
import { kstrtobool, sysfsMatch } from '../../kernfs/parse.ts';
import { BLOCK_STATE, BLOCK_STATE_NAMES, FLAG_LINKED } from '../memory-block.ts';
import { blockIdOf } from '../node/device.ts';
import { MEMORY_FILES } from '../sources.ts';
import { NO_ZONE, zoneName } from '../zone/zone.ts';
import type { HotplugContext } from './context.ts';
import { emitBlock } from './context.ts';
import { offlineBlock } from './offline-pages.ts';
import { latchOnlineType, onlineBlock, zonesForOnline } from './online-pages.ts';
import { ONLINE_TYPES } from './online-type.ts';

export class MemoryBlockDevices {
  private readonly context: HotplugContext;
  private readonly directory: KernfsDirectory;
  private readonly busDevices: KernfsDirectory;
  private readonly busDirectory: KernfsDirectory;

  constructor(context: HotplugContext, bus: Bus, directory: KernfsDirectory) {
    this.context = context;
    this.directory = directory;
    this.busDirectory = bus.directory;
    this.busDevices = bus.directory.ensureDirectory('devices');
    directory.addSource(this.source('directory', (id) => this.build(id)));
    this.busDevices.addSource(this.source('link', (id) => this.busLink(id)));
  }

  /** The block is going away: open handles on its directory go dead. */
  drop(id: number): void {
    const name = `memory${id}`;
    this.directory.dropSourced(name);
    this.busDevices.dropSourced(name);
  }

  private source(
    kind: 'directory' | 'link',
    make: (id: number) => KernfsDirectory | KernfsLink,
  ): ChildSource {
    const { blocks } = this.context;
    return {
      kind,
      lookup: (name) => {
        const id = blockIdOf(name);
        return id === undefined || !blocks.exists(id) ? undefined : make(id);
      },
      names: () => {
        const names: string[] = [];
        for (const id of blocks.ids()) names.push(`memory${id}`);
        return names;
      },
    };
  }

  private busLink(id: number): KernfsLink {
    const target = `../../../devices/system/memory/memory${id}`;
    return new KernfsLink(`memory${id}`, () => target, DEVICE_LINKS);
  }

  private build(id: number): KernfsDirectory {
    const directory = new KernfsDirectory(`memory${id}`);
    directory.addSource(blockEntries({ context: this.context, id }, this.busDirectory));
    return directory;
  }
}

interface Block {
  readonly context: HotplugContext;
  readonly id: number;
}

/** The entries of a block's directory: each is made when a program looks at it. */
function blockEntries(block: Block, busDirectory: KernfsDirectory): ChildSource {
  const { blocks } = block.context;
  const nodes = (): readonly number[] =>
    blocks.hasFlag(block.id, FLAG_LINKED) ? blocks.nodes(block.id) : [];
  return {
    keeps: true,
    lookup: (name) => {
      const attribute = ATTRIBUTE_BY_NAME.get(name);
      if (attribute !== undefined) return fileOf(attribute, block);
      if (name === 'subsystem') return linkTo(name, busDirectory, DEVICE_LINKS);
      const linked = nodes().some((nid) => name === `node${nid}`);
      return linked ? new KernfsLink(name, () => `../../node/${name}`, MEMORY_FILES) : undefined;
    },
    *names() {
      yield* ATTRIBUTE_BY_NAME.keys();
      yield 'subsystem';
      for (const nid of nodes()) yield `node${nid}`;
    },
  };
}

function fileOf(attribute: Attribute<Block>, block: Block): KernfsFile {
  const { name, mode, show, store, source = MEMORY_FILES } = attribute;
  const content: FileContent = { source };
  if (show !== undefined) content.show = () => show(block);
  if (store !== undefined) content.store = (text) => store(block, text);
  return new KernfsFile(name, mode, content);
}

/**
 * state_store(): EINVAL for other text and when the block is in that state already; the type stays
 * latched then.
 */
function storeState({ context, id }: Block, text: string): void {
  const type = sysfsMatch(text, ONLINE_TYPES);
  if (type === undefined)
    throw new KernelError('EINVAL', `state is one of ${ONLINE_TYPES.join(', ')}`);
  if (type !== 'offline') latchOnlineType(context, id, type);
  const changed = type === 'offline' ? offlineBlock(context, id) : onlineBlock(context, id);
  if (!changed)
    throw new KernelError('EINVAL', `memory${id} is ${stateName({ context, id })} already`);
}

/** online_store() of the driver core: being in that state already is success. */
function storeOnline({ context, id }: Block, text: string): void {
  if (kstrtobool(text)) onlineBlock(context, id);
  else offlineBlock(context, id);
}

function stateName({ context, id }: Block): string {
  return BLOCK_STATE_NAMES[context.blocks.state(id)] ?? 'absent';
}

/** valid_zones_show() */
function validZones({ context, id }: Block): string {
  const { blocks } = context;
  if (blocks.state(id) === BLOCK_STATE.offline) {
    return zonesForOnline(context, id)
      .map((zone) => zone.name)
      .join(' ');
  }
  const zone = blocks.zone(id);
  return zone === NO_ZONE ? 'none' : zoneName(zone);
}

const PHYS_INDEX_DIGITS = 8;

const ATTRIBUTES: readonly Attribute<Block>[] = [
  {
    name: 'uevent',
    mode: 0o644,
    source: UEVENT_FILE,
    show: () => '',
    store: ({ context, id }, text) =>
      synthesize(text, (action, extras) => emitBlock(context.kernel, id, action, new Map(extras))),
  },
  {
    name: 'online',
    mode: 0o644,
    show: ({ context, id }) => (context.blocks.state(id) === BLOCK_STATE.offline ? '0\n' : '1\n'),
    store: storeOnline,
  },
  { name: 'state', mode: 0o644, show: (block) => `${stateName(block)}\n`, store: storeState },
  {
    name: 'phys_index',
    mode: 0o444,
    show: ({ id }) => `${id.toString(16).padStart(PHYS_INDEX_DIGITS, '0')}\n`,
  },
  { name: 'phys_device', mode: 0o444, show: () => '0\n' },
  { name: 'valid_zones', mode: 0o444, show: (block) => `${validZones(block)}\n` },
  { name: 'removable', mode: 0o444, show: () => '1\n' },
];

const ATTRIBUTE_BY_NAME = new Map(ATTRIBUTES.map((attribute) => [attribute.name, attribute]));
