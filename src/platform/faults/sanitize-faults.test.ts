// `sanitize`: the device refuses; `slow-sanitize`: its background operation ends later. And power
// that is lost while it runs.
import { describe, expect, it } from 'vitest';
import { MachineRun } from '../../../test/properties/machine-run.ts';
import { loadMachine } from '../../machine-files/load.ts';
import { parseMachine } from '../description/parse.ts';

const FAULT = '/sys/kernel/debug/cxlbox/fault';
const CXL = '/sys/bus/cxl/devices';

/** Two devices without a region. */
class Idle {
  readonly run = new MachineRun({ ...loadMachine('default'), regions: [] });

  inject(text: string): string {
    return this.run.write(`${FAULT}/inject`, text);
  }

  sanitize(device = 'mem0'): string {
    return this.run.write(`${CXL}/${device}/security/sanitize`, '1');
  }

  pass(milliseconds: number): void {
    this.run.perform({ kind: 'advance', milliseconds });
  }

  /** Of mem0, mem1. */
  get states(): string {
    return ['mem0', 'mem1']
      .map((name) => this.run.view.read(`${CXL}/${name}/security/state`))
      .join(' ');
  }

  get listed(): string | undefined {
    return this.run.view.read(`${FAULT}/list`);
  }
}

describe('a device that refuses to sanitize itself', () => {
  it.each([
    ['sanitize times=1', 'ENXIO', '1 sanitize errno=ENXIO times=1 struck=1'],
    ['sanitize mem0 times=1', 'ENXIO', '1 sanitize mem0 errno=ENXIO times=1 struck=1'],
    [
      'sanitize 0000:0d:00.0 errno=ETIMEDOUT times=1',
      'ETIMEDOUT',
      '1 sanitize 0000:0d:00.0 errno=ETIMEDOUT times=1 struck=1',
    ],
  ])('%s: nothing has begun, the next try does', (text, errno, line) => {
    const idle = new Idle();
    expect(idle.inject(text)).toBe('ok');
    expect([idle.sanitize(), idle.states, idle.listed]).toEqual([errno, 'disabled disabled', line]);
    expect([idle.sanitize(), idle.states]).toEqual(['ok', 'sanitize disabled']);
  });

  it('fails until it is cleared, and not elsewhere; the log names the device', () => {
    const idle = new Idle();
    idle.inject('sanitize mem1');
    expect([idle.sanitize('mem1'), idle.sanitize('mem1')]).toEqual(['ENXIO', 'ENXIO']);
    expect(idle.sanitize('mem0')).toBe('ok');
    expect(idle.run.view.read('/sys/kernel/debug/cxlbox/log')).toContain(
      'cxl_pci 0000:0e:00.0: mem1 did not sanitize: ENXIO',
    );
    idle.run.write(`${FAULT}/clear`, 'all');
    expect(idle.sanitize('mem1')).toBe('ok');
  });

  it('what the kernel refuses is no occasion', () => {
    const idle = new Idle();
    idle.inject('sanitize mem0 times=1');
    idle.run.write('/sys/bus/cxl/drivers/cxl_mem/unbind', 'mem0');
    expect([idle.sanitize(), idle.listed]).toEqual([
      'EBUSY',
      '1 sanitize mem0 errno=ENXIO times=1 struck=0',
    ]);
  });
});

describe('a sanitize that is slow', () => {
  it('ends so much later', () => {
    const idle = new Idle();
    idle.inject('slow-sanitize milliseconds=5000 device=mem0 times=1');
    idle.sanitize('mem0');
    idle.sanitize('mem1');
    idle.pass(100);
    expect(idle.states).toBe('sanitize disabled');
    idle.pass(4999);
    expect(idle.states).toBe('sanitize disabled');
    idle.pass(1);
    expect([idle.states, idle.listed]).toEqual([
      'disabled disabled',
      '1 slow-sanitize milliseconds=5000 device=mem0 times=1 struck=1',
    ]);
    idle.sanitize('mem0');
    idle.pass(100);
    expect(idle.states).toBe('disabled disabled');
  });

  it('clearing the fault changes nothing of what has begun', () => {
    const idle = new Idle();
    idle.inject('slow-sanitize milliseconds=10');
    idle.inject('slow-sanitize milliseconds=1');
    idle.sanitize();
    idle.run.write(`${FAULT}/clear`, 'all');
    idle.pass(110);
    expect(idle.states).toBe('sanitize disabled');
    idle.pass(1);
    expect(idle.states).toBe('disabled disabled');
  });

  it.each([
    ['slow-sanitize', 'EINVAL'],
    ['slow-sanitize milliseconds=0', 'EINVAL'],
    ['slow-sanitize milliseconds=5 errno=EIO', 'EINVAL'],
    ['sanitize mem0 errno=EIO', 'EINVAL'],
    ['sanitize mem0 mem1', 'EINVAL'],
  ])('%s is refused', (text, errno) => {
    expect(new Idle().inject(text)).toBe(errno);
  });
});

describe('power that is lost while a device sanitizes itself', () => {
  it.each(['removal mem0', 'link-down mem0'])(
    '%s: it is not resumed, and its poison is still there',
    (fault) => {
      const idle = new Idle();
      idle.run.write('/sys/kernel/debug/cxl/mem0/inject_poison', '0x1000');
      idle.sanitize();
      idle.inject(fault);
      idle.run.write(`${FAULT}/clear`, 'all');
      expect(idle.states).toBe('disabled disabled');
      idle.pass(1000);
      expect(idle.run.machine.daxHardware?.allPoison()).toEqual([{ memdev: 'mem0', dpa: 0x1000 }]);
      expect(idle.sanitize()).toBe('ok');
    },
  );

  it('pci remove and rescan leave it running', () => {
    const idle = new Idle();
    idle.sanitize();
    idle.run.write('/sys/bus/pci/devices/0000:0d:00.0/remove', '1');
    idle.run.write('/sys/bus/pci/rescan', '1');
    expect(idle.states).toBe('sanitize disabled');
    idle.pass(100);
    expect(idle.states).toBe('disabled disabled');
  });
});

it('a machine file has both from the boot on', () => {
  const run = new MachineRun(
    parseMachine(
      `host_bridges: [{ root_ports: [{ device: near }, { device: far }] }]
devices: { near: { ram: 1GiB }, far: { ram: 1GiB } }
faults: [{ sanitize: far, times: 1 }, { slow_sanitize: 2s, device: near }]`,
      'm.yaml',
    ),
  );
  const sanitize = (name: string): string => run.write(`${CXL}/${name}/security/sanitize`, '1');
  expect([sanitize('mem1'), sanitize('mem0')]).toEqual(['ENXIO', 'ok']);
  run.perform({ kind: 'advance', milliseconds: 2000 });
  expect(run.view.read(`${CXL}/mem0/security/state`)).toBe('sanitize');
  run.perform({ kind: 'advance', milliseconds: 100 });
  expect(run.view.read(`${CXL}/mem0/security/state`)).toBe('disabled');
});
