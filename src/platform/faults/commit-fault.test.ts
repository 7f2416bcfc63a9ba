// Programming a decoder fails: `commit` answers with the errno, what was programmed is undone, the
// next try may succeed.
import { describe, expect, it } from 'vitest';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { FAULT_INJECT } from '../../cxlbox-abi/fault.ts';
import { parseMachine } from '../description/parse.ts';

const INJECT = '/sys/kernel/debug/cxlbox/fault/inject';
const LIST = '/sys/kernel/debug/cxlbox/fault/list';
const CXL = '/sys/bus/cxl/devices';

/**
 * One expander of 128 GiB whose region firmware has made over the whole window, as on AMD servers.
 */
const EXPANDER = `
abi: mainline-7.2
memory_block_size: 256MiB
boot: { auto_online_blocks: offline }
nodes:
  - { id: 0, cpus: "0-7", memory: [{ base: 0, size: 2GiB }, { base: 4GiB, size: 29GiB }] }
windows:
  - { base: 0x850000000, size: 128GiB, targets: [1], restrictions: [type3, volatile], node: 1 }
host_bridges:
  - { uid: 1, pci: "0000:e0", decoders: 2, root_ports: [{ device: x, device_pci: "0000:e1:00.0" }] }
devices: { x: { ram: 128GiB, serial: 7 } }
regions: [{ devices: [x], firmware: true }]
`;

class Expander {
  readonly run = new MachineRun(parseMachine(EXPANDER, 'expander.yaml'));

  constructor() {
    expect(this.commit(0)).toBe('ok');
  }

  commit(value: 0 | 1): string {
    return this.run.write(`${CXL}/region0/commit`, `${value}`);
  }

  inject(text: string): string {
    return this.run.write(INJECT, text);
  }

  /** Is the region committed, and how many decoders of host bridge and endpoint are. */
  get state(): string {
    const read = (path: string) => this.run.view.read(`${CXL}/${path}`)?.trim();
    return [
      read('region0/commit'),
      read('port1/decoders_committed'),
      read('endpoint2/decoders_committed'),
    ].join(' ');
  }

  get listed(): string | undefined {
    return this.run.view.read(LIST);
  }
}

describe('a region that firmware made, taken down and committed again', () => {
  it.each([
    ['commit times=1', 'EIO', '1 commit errno=EIO times=1 struck=1'],
    ['commit errno=ETIMEDOUT times=1', 'ETIMEDOUT', '1 commit errno=ETIMEDOUT times=1 struck=1'],
    ['commit mem0 times=1', 'EIO', '1 commit mem0 errno=EIO times=1 struck=1'],
    ['commit endpoint2 times=1', 'EIO', '1 commit endpoint2 errno=EIO times=1 struck=1'],
    ['commit 0000:e1:00.0 times=1', 'EIO', '1 commit 0000:e1:00.0 errno=EIO times=1 struck=1'],
    ['commit port1 times=1', 'EIO', '1 commit port1 errno=EIO times=1 struck=1'],
    ['commit decoder1.0 times=1', 'EIO', '1 commit decoder1.0 errno=EIO times=1 struck=1'],
    // The endpoint is programmed by then.
    ['commit times=1 skip=1', 'EIO', '1 commit errno=EIO times=1 skip=1 struck=1'],
  ])('%s: the first commit fails and leaves nothing, the second succeeds', (text, errno, line) => {
    const expander = new Expander();
    expect(expander.state).toBe('0 0 0');
    expect(expander.inject(text)).toBe('ok');
    expect(expander.commit(1)).toBe(errno);
    expect([expander.state, expander.listed]).toEqual(['0 0 0', line]);
    expect(expander.commit(1)).toBe('ok');
    expect(expander.state).toBe('1 1 1');
  });

  it('fails until it is cleared, and never elsewhere', () => {
    const expander = new Expander();
    expander.inject('commit mem0');
    expect([expander.commit(1), expander.commit(1)]).toEqual(['EIO', 'EIO']);
    expect(expander.run.write('/sys/kernel/debug/cxlbox/fault/clear', '1')).toBe('ok');
    expander.inject('commit mem1');
    expander.inject('commit decoder2.1');
    expect([expander.commit(1), expander.state]).toEqual(['ok', '1 1 1']);
  });

  it('the log names the decoder', () => {
    const expander = new Expander();
    expander.inject('commit port1 errno=ETIMEDOUT');
    expander.commit(1);
    expect(expander.run.view.read('/sys/kernel/debug/cxlbox/log')).toContain(
      'cxl_port port1: decoder1.0 cannot be programmed: ETIMEDOUT',
    );
  });

  it.each([
    ['commit mem0 errno=ENOMEM', "'ENOMEM' is not a valid errno"],
    ['commit mem0 port1', "commit takes at most one name, not 'mem0 port1'"],
    ['commit mem0 step=1', "'step' is not an option of commit"],
  ])('%s is refused', (text, reason) => {
    const { run } = new Expander();
    expect(run.write(INJECT, text)).toBe('EINVAL');
    expect(() => run.machine.faults.inject(FAULT_INJECT.parse(text))).toThrow(reason);
  });
});

const SWITCH = `
host_bridges:
  - decoders: 4
    root_ports: [{ switch: { decoders: 4, ports: [{ device: near }, { device: far }] } }]
devices: { near: { ram: 1GiB }, far: { ram: 1GiB } }
regions: [{ devices: [near, far] }]
`;

it.each([0, 1, 2, 3])('behind a switch: after %i decoders all are reset', (skip) => {
  const run = new MachineRun(parseMachine(SWITCH, 'switch.yaml'));
  const committed = () =>
    run.view
      .names(CXL)
      .filter((name) => /^(?:port|endpoint)\d+$/.test(name))
      .map((name) => run.view.read(`${CXL}/${name}/decoders_committed`)?.trim());
  expect(committed()).toEqual(['1', '1', '1', '1']);
  expect(run.write(`${CXL}/region0/commit`, '0')).toBe('ok');
  run.write(INJECT, `commit times=1 skip=${skip}`);
  expect(run.write(`${CXL}/region0/commit`, '1')).toBe('EIO');
  expect(committed()).toEqual(['0', '0', '0', '0']);
  expect(run.write(`${CXL}/region0/commit`, '1')).toBe('ok');
  expect(committed()).toEqual(['1', '1', '1', '1']);
});

it('a machine file has it from the boot on: the region is missing, and the log says why', () => {
  const run = new MachineRun(
    parseMachine(
      `host_bridges: [{ decoders: 2, root_ports: [{ device: near }] }]
devices: { near: { ram: 1GiB } }
regions: [{ devices: [near] }]
faults: [{ commit: near, errno: ETIMEDOUT, times: 1 }]`,
      'm.yaml',
    ),
  );
  expect(run.view.names(CXL)).not.toContain('region0');
  expect(run.view.read('/sys/kernel/debug/cxlbox/log')).toMatch(
    /boot: the region over near: ETIMEDOUT: decoder\d+\.0: injected by fault 1/,
  );
});
