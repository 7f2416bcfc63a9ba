import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot } from '../platform/boot.ts';
import { replayCommand } from './command.ts';
import type { AddWrites } from './converter.ts';
import type { Step } from './trace.ts';

const HEADER = {
  trace: 'raw',
  abi: 'mainline-7.2',
  topology: 'one',
  about: 'a recording without writes',
  boot: { auto_online_blocks: 'offline', memmap_on_memory: 'N' },
};
const RUN = { op: 'run', kind: 'cli', argv: 'cxl list', status: 0 };
const FLUSH = { path: '/sys/bus/cxl/flush', data: '1\n\0', result: 'ok' } as const;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-replay-'));
  for (const name of ['a.jsonl', 'b.jsonl'])
    writeFileSync(join(folder, name), [HEADER, RUN].map((each) => JSON.stringify(each)).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const addFlush: AddWrites = (trace) => ({
  trace: {
    ...trace,
    steps: trace.steps.map((step): Step => ({ ...step, writes: [FLUSH] }) as Step),
  },
  derived: trace.steps.length,
});

async function replay(converter: AddWrites | undefined) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const status = await replayCommand([folder], {
    boot,
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
    findConverter: async () => converter,
  });
  return { status, last: printed.at(-1), complaints };
}

describe('recordings whose tools have no writes', () => {
  it('are completed in a checkout, which says so once', async () => {
    expect(await replay(addFlush)).toEqual({
      status: 0,
      last: '2 passed, 0 failed, 0 skipped',
      complaints: ['2 tool runs had no writes; derived by conformance/add-writes'],
    });
  });

  it('are refused by an installed package, which says what to do', async () => {
    const { status, complaints } = await replay(undefined);
    expect(status).toBe(2);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/a\.jsonl:2: .*npm run conformance:add-writes -- FOLDER/);
  });
});
