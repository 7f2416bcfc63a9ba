/**
 * The checks of a `state` step: one for each field that it has.
 */
import type { References } from './references.ts';
import {
  blocksOf,
  blockView,
  daxNodes,
  FIRST_HOTPLUG_BLOCK,
  iomemLines,
  nodeMask,
  windowLines,
  zoneView,
} from './state-views.ts';
import type { RecordedBlock, RecordedZone, StateStep } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

/** Recordings describe the zones behind the nodes of the boot memory. */
const FIRST_HOTPLUG_NODE = 2;

interface Context {
  readonly step: StateStep;
  readonly files: TreeFiles;
  readonly references: References;
}

function mismatch(what: string, expected: unknown, found: unknown): string[] {
  const [want, have] = [JSON.stringify(expected), JSON.stringify(found)];
  return want === have ? [] : [`${what}: expected ${want}, found ${have}`];
}

function sorted(lines: readonly string[]): string[] {
  return [...lines].sort();
}

function checkBlock(id: string, recorded: RecordedBlock | null, files: TreeFiles): string[] {
  const found = blockView(files, Number(id));
  if (recorded === null || found === undefined) {
    return mismatch(
      `memory${id}`,
      recorded === null ? 'no block' : 'a block',
      found === undefined ? 'no block' : 'a block',
    );
  }
  return [
    ...mismatch(`memory${id} state`, recorded.state, found.state),
    ...mismatch(`memory${id} valid_zones`, recorded.valid_zones, found.valid_zones),
    ...mismatch(`memory${id} node`, recorded.node, found.node),
    ...(recorded.online === undefined
      ? []
      : mismatch(`memory${id} online`, String(recorded.online), found.online)),
    ...(recorded.removable === undefined
      ? []
      : mismatch(`memory${id} removable`, String(recorded.removable), found.removable)),
  ];
}

function checkBlocks({ step, files }: Context): string[] {
  const recorded = step.blocks ?? {};
  const named = Object.entries(recorded).flatMap(([id, block]) => checkBlock(id, block, files));
  if (!step.blocks_complete) return named;
  const others = blocksOf(files).filter(
    (id) => id >= FIRST_HOTPLUG_BLOCK && !Object.hasOwn(recorded, String(id)),
  );
  return [...named, ...others.map((id) => `memory${id}: found a block, expected none`)];
}

function checkBlockSummary({ step, files }: Context): string[] {
  const counts = new Map<string, number>();
  for (const id of blocksOf(files)) {
    if (id < FIRST_HOTPLUG_BLOCK) continue;
    const block = blockView(files, id);
    const key = `${block?.state} in ${block?.valid_zones.join('/')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const found = [...counts].map(([key, count]) => `${count} ${key}`);
  const expected = (step.block_summary ?? []).map(
    ({ count, state, valid_zones }) => `${count} ${state} in ${valid_zones.join('/')}`,
  );
  return mismatch('memory blocks', sorted(expected), sorted(found));
}

function zoneText(zone: RecordedZone, spanned: boolean): string {
  const span = spanned ? ` spanned ${zone.spanned}` : '';
  return `node ${zone.node} ${zone.zone}:${span} present ${zone.present} managed ${zone.managed}`;
}

function checkZones({ step, files }: Context): string[] {
  const recorded = step.zones ?? [];
  const found = zoneView(files, FIRST_HOTPLUG_NODE);
  const spanned = recorded.every((zone) => zone.spanned !== undefined);
  return mismatch(
    'zones',
    sorted(recorded.map((zone) => zoneText(zone, spanned))),
    sorted(found.map((zone) => zoneText(zone, spanned))),
  );
}

function checkIomem({ step, references }: Context): string[] {
  const found = references.iomemChanges().map(sorted);
  const expected = sorted(step.iomem ?? []);
  if (found.some((changes) => mismatch('', expected, changes).length === 0)) return [];
  return mismatch('/proc/iomem changes', expected, found[0] ?? []);
}

function checkNodes({ step, files }: Context): string[] {
  return Object.entries(step.nodes ?? {}).flatMap(([name, mask]) =>
    mismatch(`node/${name}`, mask, nodeMask(files, name)),
  );
}

function minorOf(number: string): number {
  return Number(number.split(':')[1]);
}

function checkDev({ step, references }: Context): string[] {
  const found = daxNodes(references.devices);
  return Object.entries(step.dev ?? {}).flatMap(([name, number]) =>
    mismatch(
      `/dev/${name} minor`,
      number === null ? null : minorOf(number),
      found.get(name) ?? null,
    ),
  );
}

function checkDevFull({ step, references }: Context): string[] {
  const expected = Object.entries(step.dev_full ?? {}).map(
    ([name, number]) => `${name} minor ${minorOf(number)}`,
  );
  const found = [...daxNodes(references.devices)].map(([name, minor]) => `${name} minor ${minor}`);
  return mismatch('/dev/dax*', sorted(expected), sorted(found));
}

const CHECKS: readonly (readonly [keyof StateStep, (context: Context) => string[]])[] = [
  ['blocks', checkBlocks],
  ['block_summary', checkBlockSummary],
  ['iomem', checkIomem],
  [
    'iomem_full',
    ({ step, files }) => mismatch('/proc/iomem', step.iomem_full, windowLines(iomemLines(files))),
  ],
  [
    'iomem_head',
    ({ step, files }) =>
      mismatch(
        '/proc/iomem',
        step.iomem_head,
        windowLines(iomemLines(files)).slice(0, step.iomem_head?.length ?? 0),
      ),
  ],
  ['zones', checkZones],
  ['nodes', checkNodes],
  ['dev', checkDev],
  ['dev_full', checkDevFull],
];

/** Empty if all fields agree. */
export function checkState(step: StateStep, files: TreeFiles, references: References): string[] {
  return CHECKS.flatMap(([field, check]) =>
    step[field] === undefined ? [] : check({ step, files, references }),
  );
}
