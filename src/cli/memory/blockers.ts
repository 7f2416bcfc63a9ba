/**
 * What keeps memory from going offline, as far as sysfs and /proc tell: the kernel itself says it
 * only when asked to.
 */
import { type BoxFile, boxDirectory } from '../../cxlbox-abi/box-file.ts';
import { LOG, parseRefusal } from '../../cxlbox-abi/log.ts';
import { WORKLOAD_KIND, WORKLOAD_PLACEMENT } from '../../cxlbox-abi/workload.ts';
import { rangeList } from '../../kernfs/format.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import type { BlockRange } from '../common/block-ranges.ts';
import { readBoxFile } from '../common/box-files.ts';
import { names } from '../common/look.ts';
import type { Blocker, MemoryView, NodeView, ZoneView } from './types.ts';

type Facts = Pick<MemoryView, 'nodes' | 'blocks' | 'memmap' | 'devices'>;

const ZONE_MOVABLE = 'Movable';

export function rangeName({
  first,
  last,
}: {
  readonly first: number;
  readonly last: number;
}): string {
  return first === last ? `memory${first}` : `memory${first}-${last}`;
}

function ofBlock(range: BlockRange): Blocker[] {
  if (range.state !== 'online' || range.zone === ZONE_MOVABLE) return [];
  const what = rangeName(range);
  if (range.zone === undefined)
    return [{ what, verdict: 'never', why: 'several zones or nodes, or holes: EINVAL' }];
  return [
    {
      what,
      verdict: 'likely',
      why: `zone ${range.zone} takes kernel memory: one page that cannot move gives EBUSY`,
    },
  ];
}

function used({ managed, free }: ZoneView): number {
  return managed - free;
}

/** Pages in use of a movable zone have to go somewhere. */
function ofMovableZone(node: NodeView, nodes: readonly NodeView[]): Blocker[] {
  const movable = node.zones.find(({ name }) => name === ZONE_MOVABLE);
  if (movable === undefined || used(movable) === 0) return [];
  const elsewhere = nodes
    .flatMap(({ zones }) => zones)
    .filter((zone) => zone !== movable)
    .reduce((sum, { free }) => sum + free, 0);
  if (used(movable) <= elsewhere) return [];
  return [
    {
      what: `node${node.id}`,
      verdict: 'never',
      why: 'more memory is in use in zone Movable than is free elsewhere',
    },
  ];
}

function ofMemmap({ memmap }: Facts): Blocker[] {
  const elsewhere = memmap.hotplugged - memmap.inOwnBlocks;
  if (elsewhere === 0) return [];
  return [
    {
      what: 'kernel zones',
      verdict: 'likely',
      why: `they hold page structures of other memory (${Math.ceil(elsewhere / 2 ** 20)} MiB), which cannot move`,
    },
  ];
}

const BLOCK_FILE = /\/(memory\d+)\/(?:state|online)$/;

/** Undefined where no box serves the file. */
async function glance<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  name?: string,
): Promise<T | undefined> {
  try {
    return await readBoxFile(client, file, name);
  } catch (error) {
    if (error instanceof SysfsError) return undefined;
    throw error;
  }
}

/** The last refusal for each block that is still online, from the box's log. */
async function refusals(client: SysfsClient, { blocks }: Facts): Promise<Blocker[]> {
  const last = new Map<string, string>();
  for (const { text } of (await glance(client, LOG)) ?? []) {
    const { path = '', errno, reason } = parseRefusal(text) ?? {};
    const name = BLOCK_FILE.exec(path)?.[1];
    if (name !== undefined) last.set(name, `${errno}: ${reason}`);
  }
  return [...last].flatMap(([what, why]): Blocker[] => {
    const id = Number(what.slice('memory'.length));
    const online = blocks.some(
      ({ first, last: end, state }) => state === 'online' && first <= id && id <= end,
    );
    return online ? [{ what, verdict: 'refused', why }] : [];
  });
}

/** Kinds of workload whose pages stay where they are. */
const UNMOVABLE: ReadonlySet<string> = new Set(['kernel', 'pinned']);

/** The workloads of a box that hold pages which cannot move, block by block. */
async function ofWorkloads(client: SysfsClient): Promise<Blocker[]> {
  const blockers: Blocker[] = [];
  for (const name of await names(client, boxDirectory(WORKLOAD_KIND))) {
    const kind = await glance(client, WORKLOAD_KIND, name);
    if (kind === undefined || !UNMOVABLE.has(kind)) continue;
    const placement = (await glance(client, WORKLOAD_PLACEMENT, name)) ?? [];
    for (const { pages, blocks } of placement) {
      const what = rangeList(blocks)
        .split(',')
        .map((range) => `memory${range}`)
        .join(' ');
      const why = `workload '${name}' (${kind}) holds ${pages} pages that cannot move: EBUSY`;
      blockers.push({ what, verdict: 'never', why });
    }
  }
  return blockers;
}

/** Refusals that happened first, then what would be refused. */
export async function findBlockers(client: SysfsClient, facts: Facts): Promise<Blocker[]> {
  const { nodes, blocks, devices } = facts;
  return [
    ...(await refusals(client, facts)),
    ...(await ofWorkloads(client)),
    ...blocks.flatMap(ofBlock),
    ...nodes.flatMap((node) => ofMovableZone(node, nodes)),
    ...ofMemmap(facts),
    ...devices
      .filter(({ online }) => online > 0)
      .map(({ name, online, first, last }): Blocker => {
        const why = `${online} of its ${last - first + 1} blocks are online: unbinding leaves the memory in place`;
        return { what: name, verdict: 'first', why };
      }),
  ];
}
