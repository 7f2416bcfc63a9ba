/**
 * Memory blocks, zones and nodes: each block is in one zone, the zones' figures are the sums of
 * their blocks, the node masks say what the blocks say, and nodes and blocks link each other.
 */
import { MEMORY, NODES, type SysfsView } from '../sysfs-view.ts';
import { must } from './must.ts';

const BLOCK = /^memory\d+$/;
const PAGE = 4096;
/** Pages of memmap that a block may host are whole pageblocks. */
const PAGEBLOCK = 512;
const ZONES: ReadonlySet<string> = new Set(['DMA', 'DMA32', 'Normal', 'Movable']);

interface Block {
  readonly id: number;
  readonly nodes: readonly string[];
  /** `none` for a boot block that spans zones; absent: offline. */
  readonly zone: string | undefined;
}

interface ZoneFigures {
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly start: number;
}

/** Figures of `Node, zone`, such as `0 Movable`. */
function zoneFigures(view: SysfsView): Map<string, ZoneFigures> {
  const zones = new Map<string, ZoneFigures>();
  for (const section of (view.read('/proc/zoneinfo') ?? '').split(/^(?=Node )/m)) {
    const head = /^Node (\d+), zone +(\w+)/.exec(section);
    if (head === null) continue;
    const figure = (name: string): number =>
      Number(new RegExp(`^ +${name}:? +(\\d+)$`, 'm').exec(section)?.[1] ?? 0);
    zones.set(`${head[1]} ${head[2]}`, {
      spanned: figure('spanned'),
      present: figure('present'),
      managed: figure('managed'),
      start: figure('start_pfn'),
    });
  }
  return zones;
}

function blocksOf(view: SysfsView): Block[] {
  return view.names(MEMORY, BLOCK).map((name) => {
    const path = `${MEMORY}/${name}`;
    const state = view.read(`${path}/state`);
    const online = state === 'online';
    must(online || state === 'offline', () => `${name} rests in state ${state}`);
    must(
      view.read(`${path}/online`) === (online ? '1' : '0'),
      () => `${name}: state and online differ`,
    );
    const nodes = view.names(path, /^node\d+$/);
    must(nodes.length > 0, () => `${name} is on no node`);
    return {
      id: Number(name.slice('memory'.length)),
      nodes,
      zone: online ? view.read(`${path}/valid_zones`) : undefined,
    };
  });
}

function checkLinks(view: SysfsView, blocks: readonly Block[]): void {
  const fromBlocks = new Set(
    blocks.flatMap(({ id, nodes }) => nodes.map((node) => `${node} memory${id}`)),
  );
  const nodes = view.names(NODES, /^node\d+$/);
  const fromNodes = nodes.flatMap((node) =>
    view.names(`${NODES}/${node}`, BLOCK).map((block) => `${node} ${block}`),
  );
  must(
    fromNodes.length === fromBlocks.size && fromNodes.every((each) => fromBlocks.has(each)),
    () => 'the links between nodes and memory blocks are not mutual',
  );
}

function expand(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    if (first === '') return [];
    return Array.from(
      { length: Number(last) - Number(first) + 1 },
      (_, index) => `node${Number(first) + index}`,
    );
  });
}

function checkMasks(view: SysfsView, zones: ReadonlyMap<string, ZoneFigures>): void {
  const mask = (name: string): string =>
    expand(view.read(`${NODES}/${name}`) ?? '')
      .sort()
      .join(' ');
  const withMemory = (pattern: RegExp): string => {
    const populated = [...zones].filter(([key, { present }]) => present > 0 && pattern.test(key));
    return [...new Set(populated.map(([key]) => `node${key.split(' ')[0]}`))].sort().join(' ');
  };
  must(
    mask('online') ===
      view
        .names(NODES, /^node\d+$/)
        .sort()
        .join(' '),
    () => 'online mask and node directories differ',
  );
  must(mask('has_memory') === withMemory(/ /), () => `has_memory is ${mask('has_memory')}`);
  must(
    mask('has_normal_memory') === withMemory(/ (DMA|DMA32|Normal)$/),
    () => `has_normal_memory is ${mask('has_normal_memory')}`,
  );
}

/**
 * What was there at boot; figures of boot memory are firmware's, and only change by whole blocks.
 */
export class MemoryInvariants {
  private readonly view: SysfsView;
  private readonly bootZones: ReadonlyMap<string, ZoneFigures>;
  private readonly bootBlocks: ReadonlyMap<string, ReadonlySet<number>>;
  private readonly pagesPerBlock: number;

  constructor(view: SysfsView) {
    this.view = view;
    this.bootZones = zoneFigures(view);
    this.bootBlocks = byZone(blocksOf(view));
    this.pagesPerBlock = Number.parseInt(view.read(`${MEMORY}/block_size_bytes`) ?? '0', 16) / PAGE;
  }

  check(): void {
    const blocks = blocksOf(this.view);
    for (const { id, zone } of blocks)
      must(
        zone === undefined || zone === 'none' || ZONES.has(zone),
        () => `memory${id} is online in '${zone}'`,
      );
    checkLinks(this.view, blocks);
    const zones = zoneFigures(this.view);
    checkMasks(this.view, zones);
    const inZone = byZone(blocks);
    for (const [key, figures] of zones) this.checkZone(key, figures, inZone.get(key) ?? new Set());
    this.checkTotals(zones);
  }

  private checkZone(key: string, figures: ZoneFigures, ids: ReadonlySet<number>): void {
    const boot = this.bootZones.get(key);
    const bootIds = this.bootBlocks.get(key) ?? new Set();
    const { pagesPerBlock } = this;
    const grown = (ids.size - bootIds.size) * pagesPerBlock;
    const present = (boot?.present ?? 0) + grown;
    must(
      figures.present === present,
      () => `zone ${key}: ${figures.present} pages present, blocks say ${present}`,
    );
    const hosted = (boot?.managed ?? 0) + grown - figures.managed;
    must(
      hosted >= 0 && hosted % PAGEBLOCK === 0 && hosted < ids.size * pagesPerBlock + 1,
      () => `zone ${key}: ${hosted} present pages are not managed`,
    );
    const first = Math.min(...ids) * pagesPerBlock;
    const end = (Math.max(...ids) + 1) * pagesPerBlock;
    const inside =
      ids.size === 0 || (figures.start <= first && end <= figures.start + figures.spanned);
    if (boot === undefined || boot.present === 0) {
      const span = ids.size === 0 ? 0 : end - first;
      must(
        figures.spanned === span,
        () => `zone ${key} spans ${figures.spanned} pages, its blocks ${span}`,
      );
    }
    must(inside || boot !== undefined, () => `zone ${key} does not span its blocks`);
  }

  private checkTotals(zones: ReadonlyMap<string, ZoneFigures>): void {
    const total = (text: string | undefined): number =>
      Number(/MemTotal: +(\d+) kB/.exec(text ?? '')?.[1]);
    const free = (text: string | undefined): number =>
      Number(/MemFree: +(\d+) kB/.exec(text ?? '')?.[1]);
    let sum = 0;
    for (const node of this.view.names(NODES, /^node\d+$/)) {
      const text = this.view.read(`${NODES}/${node}/meminfo`);
      const own = [...zones].filter(([key]) => `node${key.split(' ')[0]}` === node);
      const managed = own.reduce((pages, [, figures]) => pages + figures.managed, 0);
      must(
        total(text) === managed * 4,
        () => `${node}: MemTotal ${total(text)} kB, ${managed} managed pages`,
      );
      must(
        free(text) >= 0 && free(text) <= total(text),
        () => `${node}: MemFree is ${free(text)} kB`,
      );
      sum += managed * 4;
    }
    const all = total(this.view.read('/proc/meminfo'));
    must(all === sum, () => `MemTotal ${all} kB, the nodes have ${sum}`);
  }
}

function byZone(blocks: readonly Block[]): Map<string, Set<number>> {
  const zones = new Map<string, Set<number>>();
  for (const { id, nodes, zone } of blocks) {
    if (zone === undefined || zone === 'none') continue;
    must(nodes.length === 1, () => `memory${id} is in one zone and on ${nodes.length} nodes`);
    const key = `${nodes[0]?.slice('node'.length)} ${zone}`;
    zones.set(key, (zones.get(key) ?? new Set()).add(id));
  }
  return zones;
}
