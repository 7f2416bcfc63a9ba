/**
 * The idle machine of each recorded topology, node by node, against the recording of the real
 * kernel.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dump, type RecordedNode } from './files.ts';
import { bootMachine, TOPOLOGIES } from './topologies.ts';

const CXL_TREE = /^\/sys\/bus\/cxl$|\/root0$|\/mem\d+$/;

interface TreeStep {
  readonly op: 'tree';
  readonly root: string;
  readonly nodes: Readonly<Record<string, RecordedNode>>;
}

function isCxlTree(step: unknown): step is TreeStep {
  if (typeof step !== 'object' || step === null || !('op' in step) || !('root' in step))
    return false;
  return step.op === 'tree' && typeof step.root === 'string' && CXL_TREE.test(step.root);
}

function recordingOf(topology: string): URL {
  return new URL(`../../conformance/open/${topology}-baseline.jsonl.gz`, import.meta.url);
}

function treesOf(topology: string): TreeStep[] {
  const lines = gunzipSync(readFileSync(recordingOf(topology)))
    .toString('utf8')
    .trim()
    .split('\n');
  return lines.map((line): unknown => JSON.parse(line)).filter(isCxlTree);
}

const topologies = Object.keys(TOPOLOGIES).filter((topology) => existsSync(recordingOf(topology)));

describe('the idle machine', () => {
  it.each(topologies)('of topology %s shows what the kernel showed', (topology) => {
    const machine = bootMachine(TOPOLOGIES[topology]);
    const trees = treesOf(topology);
    expect(trees.length).toBeGreaterThanOrEqual(3);
    for (const { root, nodes } of trees) {
      expect(Object.fromEntries(dump(machine, root))).toEqual(nodes);
    }
  });
});

describe('a kernel with everything built in', () => {
  it('has no module links', () => {
    const machine = bootMachine(TOPOLOGIES.direct2, false);
    const links = [...dump(machine, '/sys/bus/cxl').keys()].filter((path) =>
      path.endsWith('/module'),
    );
    expect(links).toEqual([]);
  });
});
