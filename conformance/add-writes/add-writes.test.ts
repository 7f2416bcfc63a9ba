/**
 * The converter against what recordings say themselves: the system calls of m-17-cli-syscalls, and
 * the state after.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrace, type Step, type ToolWrite, type Trace } from '../../src/replay/trace.ts';
import { findTraces, readTrace } from '../../src/replay/trace-files.ts';
import { addWrites, lacksWrites } from './add-writes.ts';
import { convertFiles } from './files.ts';

const CORPUS = fileURLToPath(new URL('..', import.meta.url));
const open = (name: string): string => join(CORPUS, 'open', `${name}.jsonl.gz`);

function withoutWrites(trace: Trace): Trace {
  const steps = trace.steps.map((step): Step => {
    if (step.op !== 'run') return step;
    const { writes: _, shows: __, ...rest } = step;
    return rest;
  });
  return { ...trace, steps };
}

/**
 * `directory/file data errno`. Left out: flushes, which a tool repeats, binds that never got to the
 * driver, and the first offlining of chmem, which met an unmovable page in one of the two boots.
 */
function writeText({ path, data, errno, at }: ToolWrite): string[] {
  if (path.endsWith('/flush') || at === 'open' || path.includes('/memory47/')) return [];
  if (path.includes('/memory46/')) return [];
  return [`${path.split('/').slice(-2).join('/')} ${JSON.stringify(data)} ${errno ?? 'ok'}`];
}

describe('recordings of the repository', () => {
  const files = findTraces([CORPUS]);

  it('say of every tool run what it wrote', () => {
    const lacking = files.filter((file) => readTrace(file).steps.some(lacksWrites));
    expect(lacking).toEqual([]);
  });

  it.each(['m-17-cli-cycle', 'm-13-topo-mixed', 'x-08i-online-daxctl', 'x-17-cli-drivers'])(
    '%s has the writes that the converter derives',
    (name) => {
      const trace = readTrace(open(name));
      const { trace: derived, problems } = addWrites(withoutWrites(trace), open(name));
      expect(problems).toEqual([]);
      expect(derived.steps).toEqual(trace.steps);
    },
  );
});

describe('derived writes', () => {
  it('are the system calls that the same commands made under a tracer', () => {
    const traced = readTrace(open('m-17-cli-syscalls')).steps.flatMap((step) =>
      step.op === 'write' ? writeText(step) : [],
    );
    const derived = readTrace(open('m-17-cli-cycle')).steps.flatMap((step) => {
      if (step.op === 'write') return writeText(step);
      const writes = step.op === 'run' ? (step.writes ?? []) : [];
      return writes.flatMap((each) => ('module' in each ? [] : writeText(each)));
    });
    expect(derived).toEqual(traced);
  });
});

const HEADER = {
  trace: 'ways',
  abi: 'mainline-7.2',
  topology: 'direct2',
  about: 'two regions on one device, the first of them destroyed',
  boot: { auto_online_blocks: 'offline', memmap_on_memory: 'N' },
};
const CREATE = {
  op: 'run',
  kind: 'cli',
  argv: 'cxl create-region -m -t ram -d decoder0.0 -w 1 -s 256M mem0',
  status: 0,
};
const DESTROY = { op: 'run', kind: 'cli', argv: 'cxl destroy-region -f region0', status: 1 };
const REGION = '/sys/bus/cxl/devices/region0';
const commitIs = (data: string): object => ({ op: 'read', path: `${REGION}/commit`, data });
const driverIs = (node: object): object => ({
  op: 'tree',
  root: `${REGION}/driver`,
  nodes: { [`${REGION}/driver`]: node },
});

function recording(...steps: readonly object[]): Trace {
  const lines = [HEADER, CREATE, CREATE, DESTROY, ...steps];
  return parseTrace(lines.map((each) => JSON.stringify(each)).join('\n'), 'ways.jsonl');
}

/** Writes of the destroying command other than flushes, each by its file. */
function destroying(trace: Trace): string[] {
  const step = trace.steps[2];
  const writes = step?.op === 'run' ? (step.writes ?? []) : [];
  return writes.flatMap((each) =>
    'path' in each && !each.path.endsWith('/flush') ? (each.path.split('/').at(-1) ?? '') : [],
  );
}

const BOUND = { t: 'link', to: '../../../../../../bus/cxl/drivers/cxl_region' };

describe('the way that a tool took', () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ['the kernel refused the DPA', [commitIs('0\n')], ['unbind', 'commit', 'target0', 'dpa_size']],
    ['the tool refused first', [commitIs('1\n'), driverIs(BOUND)], []],
    [
      'the tool refused when the region was disabled',
      [commitIs('1\n'), driverIs({ t: 'absent' })],
      ['unbind'],
    ],
  ])('follows from the state behind it: %s', (_, after, expected) => {
    const { trace, problems } = addWrites(recording(...after), 'ways.jsonl');
    expect(problems).toEqual([]);
    expect(destroying(trace)).toEqual(expected);
  });

  it('is a problem where no way leads to the state behind it', () => {
    const { problems } = addWrites(recording(commitIs('7\n')), 'ways.jsonl');
    expect(problems.map(({ line }) => line)).toContain(4);
    expect(problems[0]?.reason).toMatch(/line 5 \(read\) would differ/);
  });

  it('is a problem where the exit status is another', () => {
    const { trace, problems } = addWrites(
      recording({ op: 'run', kind: 'cli', argv: 'cxl enable-region region0', status: 3 }),
      'ways.jsonl',
    );
    expect(problems).toContainEqual(
      expect.objectContaining({ line: 5, reason: expect.stringContaining('exit status') }),
    );
    expect(trace.steps[3]).toMatchObject({ doubt: expect.stringContaining('exit status') });
  });

  it('is a problem for a command that is not known', () => {
    const argv = 'echo 1 > /sys/bus/cxl/flush';
    const { problems } = addWrites(
      recording({ op: 'run', kind: 'shell', argv, status: 0 }),
      'ways.jsonl',
    );
    expect(problems).toEqual([{ line: 5, argv, reason: 'what this command writes is not known' }]);
  });
});

describe('converted files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cxlbox-add-writes-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keep every other byte, and guesses are left out', () => {
    const lines = [HEADER, CREATE, { ...CREATE, status: 3 }].map((each) => JSON.stringify(each));
    writeFileSync(join(folder, 'raw.jsonl'), lines.join('\n'));
    const results = [...convertFiles(folder, join(folder, 'out'))];
    expect(results).toMatchObject([{ lacking: 2, problems: [{ line: 3 }] }]);
    const after = readFileSync(join(folder, 'out', 'raw.jsonl'), 'utf8').split('\n');
    expect([after[0], after[2]]).toEqual([lines[0], lines[2]]);
    expect(after[1]?.startsWith(`${lines[1]?.slice(0, -1)}, "writes":[`)).toBe(true);
  });

  it('are the same bytes each time', () => {
    const convert = (name: string): Buffer => {
      expect([...convertFiles(open('one-baseline'), join(folder, name))]).toHaveLength(1);
      return readFileSync(join(folder, name, 'one-baseline.jsonl.gz'));
    };
    const first = convert('first');
    expect(convert('second').equals(first)).toBe(true);
    expect(first.subarray(4, 8)).toEqual(Buffer.alloc(4));
  });
});
