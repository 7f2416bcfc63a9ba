import { describe, expect, it } from 'vitest';
import type { CxlConfig, FirmwareRegionConfig } from '../../src/cxl/config.ts';
import { list, outcome, read, write } from './files.ts';
import { bootMachine, type CxlMachine, TOPOLOGIES } from './topologies.ts';

const WINDOW = 0x1_9000_0000;

function bootWith(topology: string, region: Partial<FirmwareRegionConfig>): CxlMachine {
  const config: CxlConfig | undefined = TOPOLOGIES[topology];
  if (config === undefined) throw new Error(`no topology ${topology}`);
  const whole = {
    start: WINDOW,
    size: 0x2000_0000,
    granularity: 256,
    mode: 'ram' as const,
    members: [],
    ...region,
  };
  return bootMachine({ ...config, firmwareRegions: [whole] });
}

const device = (name: string, file: string): string => `bus/cxl/devices/${name}/${file}`;

describe('a region that firmware made', () => {
  it('over two root ports is assembled, committed and bound', () => {
    const machine = bootWith('direct2', {
      granularity: 4096,
      members: ['0000:0e:00.0', '0000:0d:00.0'],
    });
    const shown = (name: string, file: string): string => read(machine, device(name, file));
    expect(shown('region0', 'commit')).toBe('1\n');
    expect(shown('region0', 'size')).toBe('0x20000000\n');
    expect(shown('region0', 'interleave_granularity')).toBe('4096\n');
    expect([shown('region0', 'target0'), shown('region0', 'target1')]).toEqual([
      'decoder2.0\n',
      'decoder3.0\n',
    ]);
    expect(shown('decoder1.0', 'target_list')).toBe('1,0\n');
    expect(shown('decoder1.0', 'region')).toBe('region0\n');
    expect(shown('decoder2.0', 'mode')).toBe('ram\n');
    expect(shown('decoder2.0', 'dpa_size')).toBe('0x0000000010000000\n');
    for (const port of ['port1', 'endpoint2', 'endpoint3'])
      expect(shown(port, 'decoders_committed')).toBe('1\n');
    expect(list(machine, 'bus/cxl/drivers/cxl_region')).toContain('region0');
    expect(shown('decoder0.0', 'create_ram_region')).toBe('region1\n');
  });

  it('behind a switch goes through the passthrough decoder of the host bridge', () => {
    const machine = bootWith('switch2', { members: ['0000:0f:00.0', '0000:10:00.0'] });
    expect(read(machine, device('region0', 'commit'))).toBe('1\n');
    expect(read(machine, device('decoder2.0', 'target_list'))).toBe('0,1\n');
    expect(read(machine, device('port1', 'decoders_committed'))).toBe('0\n');
    expect(read(machine, device('port2', 'decoders_committed'))).toBe('1\n');
  });

  it('over two host bridges takes one device of each', () => {
    const start = WINDOW + 0x2_0000_0000;
    const machine = bootWith('hb2', { start, members: ['0000:0d:00.0', '0000:df:00.0'] });
    expect(read(machine, device('decoder0.2', 'create_ram_region'))).not.toBe('region2\n');
    const region = list(machine, 'bus/cxl/devices').find((name) => name.startsWith('region')) ?? '';
    expect(read(machine, device(region, 'commit'))).toBe('1\n');
    expect(read(machine, device(region, 'resource'))).toBe('0x390000000\n');
    expect(read(machine, device(region, 'target0'))).toBe('decoder4.0\n');
  });

  it('of persistent memory skips the ram below it', () => {
    const machine = bootWith('mixed', {
      size: 0x1000_0000,
      mode: 'pmem',
      members: ['0000:0d:00.0'],
    });
    expect(read(machine, device('region0', 'mode'))).toBe('pmem\n');
    expect(read(machine, device('decoder3.0', 'dpa_resource'))).toBe('0x40000000\n');
    expect(outcome(machine, device('decoder3.1', 'mode'), 'ram')).toBe('ok');
    expect(outcome(machine, device('decoder3.1', 'dpa_size'), '0x10000000')).toBe('ENOSPC');
  });

  it('keeps its locked decoders through an unbind of the memory device', () => {
    const machine = bootWith('one', { size: 0x1000_0000, members: ['0000:0d:00.0'], locked: true });
    expect(read(machine, device('decoder2.0', 'locked'))).toBe('1\n');
    expect(outcome(machine, device('region0', 'commit'), '0')).toBe('EPERM');
    write(machine, 'bus/cxl/drivers/cxl_mem/unbind', 'mem0');
    expect(read(machine, device('region0', 'target0'))).toBe('\n');
    write(machine, 'bus/cxl/drivers/cxl_mem/bind', 'mem0');
    expect(read(machine, device('endpoint2', 'decoders_committed'))).toBe('1\n');
  });
});
