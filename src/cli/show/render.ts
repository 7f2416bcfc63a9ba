/**
 * A survey as text for people.
 */
import { roundedSize } from '../../units.ts';
import type { BlockRange, DeviceView, NodeView, Survey } from './view.ts';

/** How a fact reads; those without an entry print as `name value`. An empty string hides it. */
const FACTS: Readonly<Record<string, (value: string) => string>> = {
  size: (value) => roundedSize(Number(value)),
  mode: (value) => value,
  commit: (value) => (value === '1' ? 'committed' : 'not committed'),
  interleave_ways: (value) => (value === '1' ? '' : `${value}-way`),
  resource: (value) => `at ${value}`,
  target_node: (value) => `node ${value}`,
  memmap_on_memory: () => '',
};

function facts(view: DeviceView): string {
  const parts = Object.entries(view.facts).map(
    ([name, value]) => FACTS[name]?.(value) ?? `${name} ${value}`,
  );
  return parts.filter((part) => part !== '').join(', ');
}

function tree(view: DeviceView, indent: string, last: boolean, top: boolean): string[] {
  const branch = top ? '' : last ? '└─ ' : '├─ ';
  const driver = view.driver === undefined ? 'no driver' : `driver ${view.driver}`;
  const line = `${indent}${branch}${view.name}`.padEnd(28);
  const below = top ? indent : `${indent}${last ? '   ' : '│  '}`;
  return [
    `  ${line} ${driver.padEnd(28)} ${facts(view)}`.trimEnd(),
    ...view.children.flatMap((child, at) =>
      tree(child, below, at === view.children.length - 1, false),
    ),
  ];
}

function range(blocks: BlockRange, blockSize: number): string {
  const count = blocks.last - blocks.first + 1;
  const label = count === 1 ? `memory${blocks.first}` : `memory${blocks.first}-${blocks.last}`;
  const size = roundedSize(count * blockSize);
  return `  ${label.padEnd(18)} ${size.padStart(9)}  ${blocks.state.padEnd(8)} ${blocks.zones.padEnd(16)} ${blocks.node}`;
}

function node(view: NodeView): string {
  const cpus = view.cpus === '' ? 'no CPUs' : `CPUs ${view.cpus}`;
  const sizes = `${roundedSize(view.total * 1024).padStart(9)} total, ${roundedSize(view.free * 1024)} free`;
  return `  ${view.name.padEnd(18)} ${sizes}  ${cpus}`;
}

export const SECTIONS = ['regions', 'blocks', 'nodes'] as const;
export type Section = (typeof SECTIONS)[number];

const TITLES: Readonly<Record<Section, string>> = {
  regions: 'regions',
  blocks: 'memory blocks',
  nodes: 'nodes',
};

const LINES: Readonly<Record<Section, (survey: Survey) => string[]>> = {
  regions: ({ regions }) => regions.flatMap((each) => tree(each, '', true, true)),
  blocks: ({ blocks, blockSize }) => blocks.map((each) => range(each, blockSize)),
  nodes: ({ nodes }) => nodes.map(node),
};

/** Lines for a terminal; one section, or all of them. */
export function render(survey: Survey, only?: Section): string {
  const sections = only === undefined ? SECTIONS : [only];
  const lines = sections.flatMap((section) => {
    const found = LINES[section](survey);
    return [TITLES[section], ...(found.length === 0 ? ['  none'] : found)];
  });
  return `${lines.join('\n')}\n`;
}
