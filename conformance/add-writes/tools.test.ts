/**
 * What the tools write where recordings of the repository do not show it: what cxl and daxctl do
 * there is known from running them (76 in a box, 85 on the recorded kernels).
 */
import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { describeBoot, Replay } from '../../src/replay/replay-trace.ts';
import { parseTrace, type RunStep } from '../../src/replay/trace.ts';
import { derive } from './derive.ts';

/** As the mainline recordings boot: without kmem. */
const MODULES = [
  'cxl_port',
  'cxl_acpi',
  'cxl_pci',
  'cxl_mem',
  'cxl_pmem',
  'dax_hmem',
  'dax_cxl',
  'device_dax',
];
const DEVICES = '/sys/bus/cxl/devices';

function machineOf(topology: string): Replay {
  const header = {
    trace: 'tools',
    abi: 'mainline-7.2',
    topology,
    about: 'a test',
    boot: { auto_online_blocks: 'offline', memmap_on_memory: 'N', modules: MODULES },
  };
  const trace = parseTrace(JSON.stringify(header), 'tools.jsonl');
  return new Replay(boot(describeBoot(trace.header, loadMachine(topology))), trace);
}

interface Place {
  readonly topology: string;
  /** Commands that must succeed before. */
  readonly before?: readonly string[];
  readonly way?: number;
  readonly stdout?: string;
}

function runStep(argv: string, stdout?: string): RunStep {
  const step: RunStep = { op: 'run', kind: 'cli', line: 2, argv };
  return stdout === undefined ? step : { ...step, stdout };
}

/**
 * `directory/file data` a write, with `!errno` if it was refused; flushes and vain binds are left
 * out.
 */
function written(argv: string, { topology, before = [], way = 0, stdout }: Place): string[] {
  const { files, machine } = machineOf(topology);
  for (const each of before) {
    const done = derive({ ...runStep(each), status: 0 }, files, machine, 0);
    expect(done?.doubt, each).toBeUndefined();
  }
  const derivation = derive(runStep(argv, stdout), files, machine, way);
  return (derivation?.writes ?? []).flatMap((each) => {
    if ('module' in each) return `${each.action} ${each.module}`;
    if (each.path.endsWith('/flush') || (each.path.endsWith('/bind') && each.errno)) return [];
    const place = each.path.split('/').slice(-2).join('/');
    const data = JSON.stringify(each.data.replace(/\n?\0?$/, ''));
    return `${place} ${data}${each.errno === undefined ? '' : ` !${each.errno}`}`;
  });
}

const CREATE = 'cxl create-region -m -t ram -d decoder0.0 -w 1 -s 256M';
const TWO = [`${CREATE} mem0`, `${CREATE} mem0`];
const DEVDAX = [`${CREATE} mem0`, 'daxctl enable-device dax0.0'];
const DISABLE = ['driver/remove_id "dax0.0"', 'driver/unbind "dax0.0"'];
const DESTROY = ['dax0.0/size "0"', 'dax_region/delete "dax0.0" !EBUSY'];

describe('daxctl destroy-device', () => {
  it.each<[string, Place, readonly string[]]>([
    ['daxctl destroy-device dax0.0', { topology: 'one', before: DEVDAX }, []],
    [
      'daxctl destroy-device -f dax0.0',
      { topology: 'one', before: DEVDAX },
      [...DISABLE, ...DESTROY],
    ],
    [
      'daxctl destroy-device --force dax0.0',
      { topology: 'one', before: DEVDAX },
      [...DISABLE, ...DESTROY],
    ],
    [
      'daxctl destroy-device dax0.0',
      { topology: 'one', before: [...DEVDAX, 'daxctl disable-device dax0.0'] },
      DESTROY,
    ],
  ])('%s in %j', (argv, place, expected) => {
    expect(written(argv, place)).toEqual(expected);
  });

  it.each([
    ['daxctl destroy-device dax0.0', 250],
    ['daxctl destroy-device -f dax0.0', 0],
  ])('%s of an active device ends with %i', (argv, status) => {
    const { files, machine } = machineOf('one');
    for (const each of DEVDAX) derive(runStep(each), files, machine, 0);
    expect(derive({ ...runStep(argv), status }, files, machine, 0)?.doubt).toBeUndefined();
  });
});

describe('cxl destroy-region of a region that is not the last', () => {
  const unbind = 'driver/unbind "region0"';
  const stopped = ['region0/commit "0"', 'region0/target0 ""', /dpa_size "0" !EBUSY$/];
  it.each<[string, number, readonly (string | RegExp)[]]>([
    ['cxl destroy-region -f region0', 0, [unbind, ...stopped]],
    ['cxl destroy-region -f region0', 1, []],
    ['cxl destroy-region -f region0', 2, [unbind]],
    ['cxl destroy-region region0', 0, []],
  ])('%s, way %i', (argv, way, expected) => {
    const writes = written(argv, { topology: 'direct2', before: TWO, way });
    expect(writes).toEqual(
      expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });

  it('deletes the last one', () => {
    const writes = written('cxl destroy-region -f region1', { topology: 'direct2', before: TWO });
    expect(writes.at(-1)).toBe('decoder0.0/delete_region "region1"');
  });

  it('stops where a target is missing', () => {
    const { files, machine } = machineOf('one');
    files.write(`${DEVICES}/decoder0.0/create_ram_region`, 'region0\n');
    files.write(`${DEVICES}/region0/interleave_ways`, '1\n');
    const step = { ...runStep('cxl destroy-region region0'), status: 1 };
    const derivation = derive(step, files, machine, 0);
    expect(derivation?.doubt).toBeUndefined();
    expect(derivation?.writes.at(-1)).toMatchObject({ path: `${DEVICES}/region0/commit` });
  });
});

describe('cxl create-region', () => {
  const printed = '"mappings":[{"position":1,"memdev":"mem0"},{"position":0,"memdev":"mem1"}]';
  it.each<[string, Place, number]>([
    ['cxl create-region -m -t ram -d decoder0.0 -w 1 -s 256M', { topology: 'direct2' }, 1],
    ['cxl create-region -t ram -d decoder0.0', { topology: 'direct2' }, 2],
    ['cxl create-region -t ram -d decoder0.0', { topology: 'hb2' }, 1],
    ['cxl create-region -t ram -d decoder0.2', { topology: 'hb2', way: 1 }, 2],
    ['cxl create-region -m -t ram -d decoder0.0 -w 2 -s 512M mem0 mem1', { topology: 'hb2' }, 0],
    ['cxl create-region -m -t ram -d decoder0.0 -w 1 mem0 mem1', { topology: 'direct2' }, 0],
    ['cxl create-region -m -t ram -d decoder0.0 -w 3', { topology: 'direct2' }, 0],
    ['cxl create-region -m -t ram -d decoder0.0 -w 1 -s 5G mem0', { topology: 'one' }, 0],
    ['cxl create-region -t ram -d decoder0.0', { topology: 'direct2', stdout: printed }, 2],
  ])('%s in %j takes %i memory devices', (argv, place, count) => {
    const writes = written(argv, place);
    const targets = writes.filter((each) => /^region\d\/target\d "decoder[\d.]+"$/.test(each));
    expect(targets).toHaveLength(count);
    expect(writes.some((each) => each.includes('create_ram_region'))).toBe(count > 0);
  });

  it('takes the order of its devices from what the tool printed', () => {
    const argv = 'cxl create-region -t ram -d decoder0.0';
    const first = (stdout?: string): string | undefined =>
      written(
        argv,
        stdout === undefined ? { topology: 'direct2' } : { topology: 'direct2', stdout },
      ).find((each) => each.startsWith('region0/target0'));
    expect(first(printed)).not.toBe(first());
  });
});
