import { describe, expect, it } from 'vitest';
import { checkTree, dumpTree, type TreeDump } from '../../../test/properties/invariants/tree.ts';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { difference } from '../../../test/properties/random-sequences.ts';
import {
  endpointOf,
  expectRefused,
  firstMemdev,
  functionsAbove,
  machine,
  machineOfFixedWindows,
  setState,
  systemRam,
} from '../../../test/safety/region.ts';
import { loadMachine } from '../../machine-files/load.ts';
import { parseMachine } from '../description/parse.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';
const PCI = '/sys/bus/pci';
const CXL = '/sys/bus/cxl/devices';

const inject = (run: MachineRun, text: string): string => run.write(`${FAULT}/inject`, text);

/** Without the number of events so far. */
function stateOf(run: MachineRun): TreeDump {
  const dump = dumpTree(run.view);
  dump.delete('/sys/kernel/uevent_seqnum');
  return dump;
}

/** Memory device, its functions from the device up. */
function machineWith(topology: 'default' | 'switch2'): { run: MachineRun; functions: string[] } {
  const run = new MachineRun({ ...loadMachine(topology), regions: [] });
  return { run, functions: functionsAbove(run, 'mem0') };
}

describe('a device that is pulled out', () => {
  it.each([
    ['default', 'memN', 0],
    ['default', 'its PCI address', 0],
    ['switch2', 'memN', 0],
    ['switch2', 'the switch above it', 2],
  ] as const)(
    '%s, %s: it is gone, rescans find nothing, back in its slot all is as it was',
    (topology, how, above) => {
      const { run, functions } = machineWith(topology);
      const before = stateOf(run);
      const pulled = functions[above] ?? '';
      expect(inject(run, `removal ${how === 'memN' ? 'mem0' : pulled}`)).toBe('ok');
      for (const gone of functions.slice(0, above + 1))
        expect(run.view.exists(`${PCI}/devices/${gone}`)).toBe(false);
      expect(run.view.exists(`${PCI}/devices/${functions[above + 1]}`)).toBe(true);
      checkTree(dumpTree(run.view));
      const without = stateOf(run);
      expect(run.write(`${PCI}/rescan`, '1')).toBe('ok');
      expect(difference(without, stateOf(run))).toBeUndefined();
      expect(run.write(`${FAULT}/clear`, 'all')).toBe('ok');
      expect(difference(before, stateOf(run))).toBeUndefined();
    },
  );

  it('takes its region apart, and comes back as a new arrival: its decoders know nothing', () => {
    const run = machine();
    systemRam(run);
    const memdev = firstMemdev(run);
    expect(inject(run, `removal ${memdev}`)).toBe('ok');
    expect(run.view.read(`${CXL}/region0/commit`)).toBe('0');
    expect(run.view.read(`${CXL}/region0/target0`)).toBe('');
    run.write(`${FAULT}/clear`, '1');
    const endpoint = endpointOf(run, memdev);
    const decoder = `${CXL}/${endpoint.replace('endpoint', 'decoder')}.0`;
    expect([run.view.read(`${decoder}/size`), run.view.read(`${decoder}/dpa_size`)]).toEqual([
      '0x0',
      '0x0000000000000000',
    ]);
  });

  it('loses what firmware had programmed: its region is not assembled again', () => {
    const run = new MachineRun(
      parseMachine(
        `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
boot: {auto_online_blocks: offline}
host_bridges: [{root_ports: [{device: near}]}]
devices: {near: {ram: 1GiB}}
regions: [{devices: [near], firmware: true}]
`,
        'firmware.yaml',
      ),
    );
    expect(run.view.read(`${CXL}/region0/commit`)).toBe('1');
    expect(inject(run, 'removal mem0')).toBe('ok');
    run.write(`${FAULT}/clear`, '1');
    checkTree(dumpTree(run.view));
    expect(run.view.exists(`${CXL}/mem0`)).toBe(true);
    const committed = run.view
      .names(CXL, /^region/)
      .filter((name) => run.view.read(`${CXL}/${name}/commit`) === '1');
    expect(committed).toEqual([]);
  });

  it('twice is EEXIST; of a device that the kernel has let go it works, and rescan finds it no more', () => {
    const { run, functions } = machineWith('default');
    const address = functions[0] ?? '';
    expect(run.write(`${PCI}/devices/${address}/remove`, '1')).toBe('ok');
    expect([inject(run, `removal ${address}`), inject(run, `removal ${address}`)]).toEqual([
      'ok',
      'EEXIST',
    ]);
    run.write(`${PCI}/rescan`, '1');
    expect(run.view.exists(`${PCI}/devices/${address}`)).toBe(false);
  });
});

describe('a link that goes down', () => {
  it.each([
    ['default', 'mem0', 1],
    ['switch2', 'mem0', 1],
    ['switch2', 'the root port', 3],
  ] as const)('%s, %s: what is below is gone; up again, all is as it was', (topology, how, at) => {
    const { run, functions } = machineWith(topology);
    const before = stateOf(run);
    const port = functions[at] ?? '';
    expect(inject(run, `link-down ${how === 'mem0' ? how : port}`)).toBe('ok');
    expect(run.view.read(`${FAULT}/list`)).toBe(`1 link-down ${port} struck=1`);
    expect(run.view.exists(`${PCI}/devices/${port}`)).toBe(true);
    for (const gone of functions.slice(0, at))
      expect(run.view.exists(`${PCI}/devices/${gone}`)).toBe(false);
    checkTree(dumpTree(run.view));
    const without = stateOf(run);
    run.write(`${PCI}/rescan`, '1');
    run.write(`${PCI}/devices/${port}/rescan`, '1');
    expect(difference(without, stateOf(run))).toBeUndefined();
    expect(run.write(`${FAULT}/clear`, '1')).toBe('ok');
    expect(difference(before, stateOf(run))).toBeUndefined();
  });

  it('is no port: EINVAL; down already: EEXIST', () => {
    const { run, functions } = machineWith('switch2');
    expect(inject(run, `link-down ${functions[2]}`)).toBe('EINVAL');
    expect([inject(run, 'link-down mem0'), inject(run, `link-down ${functions[1]}`)]).toEqual([
      'ok',
      'EEXIST',
    ]);
  });

  it('together with a removal: each has to be cleared, in any order', () => {
    for (const order of [
      ['1', '2'],
      ['2', '1'],
    ]) {
      const { run, functions } = machineWith('default');
      inject(run, `removal ${functions[0]}`);
      inject(run, `link-down ${functions[1]}`);
      run.write(`${FAULT}/clear`, order[0] ?? '');
      expect(run.view.exists(`${PCI}/devices/${functions[0]}`)).toBe(false);
      run.write(`${FAULT}/clear`, order[1] ?? '');
      expect(run.view.exists(`${PCI}/devices/${functions[0]}`)).toBe(true);
    }
  });

  it('of a port that the kernel has let go: rescan brings it, and what is below when the link is up', () => {
    const { run, functions } = machineWith('default');
    const [device, port] = functions;
    inject(run, `link-down ${port}`);
    run.write(`${PCI}/devices/${port}/remove`, '1');
    run.write(`${FAULT}/clear`, '1');
    expect(run.view.exists(`${PCI}/devices/${device}`)).toBe(false);
    run.write(`${PCI}/rescan`, '1');
    expect(run.view.exists(`${PCI}/devices/${device}`)).toBe(true);
  });
});

describe('memory of the kernel is not lost', () => {
  const commands = (run: MachineRun): string[] => {
    const [device, port] = functionsAbove(run, firstMemdev(run));
    return [`removal ${firstMemdev(run)}`, `removal ${device}`, `link-down ${port}`];
  };

  it.each([0, 1, 2])('fault %i is EBUSY while a block is online in a kernel zone', (index) => {
    const run = machine();
    const [block] = systemRam(run);
    expect(setState(run, block, 'online_kernel')).toBe('ok');
    const text = commands(run)[index] ?? '';
    expectRefused(run, { kind: 'write', path: `${FAULT}/inject`, text });
    expect(run.view.read(`${FAULT}/list`)).toBe('');
    expect(setState(run, block, 'offline')).toBe('ok');
    expect(inject(run, text)).toBe('ok');
  });

  it('in the Movable zone it may go: the blocks stay, as on Linux', () => {
    const run = machine();
    const [block] = systemRam(run);
    setState(run, block, 'online_movable');
    expect(inject(run, commands(run)[0] ?? '')).toBe('ok');
    expect(run.view.read(`/sys/devices/system/memory/${block}/state`)).toBe('online');
  });

  it('also of a locked region, which software cannot take apart', () => {
    const run = machineOfFixedWindows();
    const [block] = systemRam(run);
    setState(run, block, 'online_kernel');
    for (const text of commands(run))
      expectRefused(run, { kind: 'write', path: `${FAULT}/inject`, text });
  });
});
