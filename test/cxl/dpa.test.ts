import { beforeEach, describe, expect, it } from 'vitest';
import { EndpointDecoder } from '../../src/cxl/objects/decoder.ts';
import { outcome, read, write } from './files.ts';
import { bootMachine, type CxlMachine, TOPOLOGIES } from './topologies.ts';

/** mem0 of this topology has 1 GiB ram and 1 GiB pmem behind endpoint3. */
let machine: CxlMachine;
beforeEach(() => {
  machine = bootMachine(TOPOLOGIES.mixed);
});

const at = (decoder: string, file: string): string => `bus/cxl/devices/${decoder}/${file}`;

function decoder(name: string): EndpointDecoder {
  const object = machine.cxl.bus.device(name)?.object;
  if (object instanceof EndpointDecoder) return object;
  throw new Error(`no endpoint decoder ${name}`);
}

function allocate(name: string, mode: string, size: string): string {
  write(machine, at(name, 'mode'), mode);
  return outcome(machine, at(name, 'dpa_size'), size);
}

describe('mode', () => {
  it.each([
    ['decoder3.0', 'ram', 'ok'],
    ['decoder3.0', 'ram\n', 'ok'],
    ['decoder3.0', 'pmem\n', 'ok'],
    ['decoder3.0', 'ram\n\0', 'ok'],
    ['decoder3.0', 'none\n', 'EINVAL'],
    ['decoder3.0', 'ram \n', 'EINVAL'],
    ['decoder3.0', 'ram\n\n', 'EINVAL'],
    ['decoder3.0', '\n', 'EINVAL'],
    ['decoder2.0', 'pmem\n', 'EINVAL'],
  ])('%s = %j: %s', (name, text, expected) => {
    expect(outcome(machine, at(name, 'mode'), text)).toBe(expected);
  });

  it('is checked for its word before an enabled decoder refuses', () => {
    decoder('decoder3.0').enabled = true;
    expect(outcome(machine, at('decoder3.0', 'mode'), 'none')).toBe('EINVAL');
    expect(outcome(machine, at('decoder3.0', 'mode'), 'ram')).toBe('EBUSY');
  });

  it('stays when the allocation goes, and may change under one', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    write(machine, at('decoder3.0', 'mode'), 'pmem');
    write(machine, at('decoder3.0', 'dpa_size'), '0');
    expect(read(machine, at('decoder3.0', 'mode'))).toBe('pmem\n');
  });
});

describe('dpa_size', () => {
  it.each([
    ['0', 'ok'],
    ['256M', 'EINVAL'],
    ['', 'ok'],
    ['-1', 'EINVAL'],
    ['0x10000001', 'EINVAL'],
    ['0x10000000000000000', 'ERANGE'],
    ['0x10000000\n', 'ok'],
    ['1073741824', 'ok'],
    ['0x50000000', 'ENOSPC'],
    ['0xfffffffff0000000', 'ENOSPC'],
  ])('= %j in ram mode: %s', (text, expected) => {
    write(machine, at('decoder3.0', 'mode'), 'ram');
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), text)).toBe(expected);
  });

  it('needs a mode unless it is 0', () => {
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0x10000000')).toBe('EBUSY');
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0')).toBe('ok');
  });

  it('says no space before out of order', () => {
    write(machine, at('decoder3.1', 'mode'), 'ram');
    expect(outcome(machine, at('decoder3.1', 'dpa_size'), '0x50000000')).toBe('ENOSPC');
    expect(outcome(machine, at('decoder3.1', 'dpa_size'), '0x10000000')).toBe('EBUSY');
  });

  it('goes up in ascending and down in descending order', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    expect(allocate('decoder3.1', 'ram', '0x20000000')).toBe('ok');
    expect(read(machine, at('decoder3.1', 'dpa_resource'))).toBe('0x10000000\n');
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0')).toBe('EBUSY');
    expect(outcome(machine, at('decoder3.1', 'dpa_size'), '0')).toBe('ok');
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0')).toBe('ok');
    expect(read(machine, at('decoder3.0', 'dpa_resource'))).toBe('0xffffffffffffffff\n');
  });

  it('frees before it allocates, also when the allocation then fails', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0x50000000')).toBe('ENOSPC');
    expect(read(machine, at('decoder3.0', 'dpa_size'))).toBe('0x0000000000000000\n');
  });

  it('is not free to change while enabled', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    decoder('decoder3.0').enabled = true;
    expect(outcome(machine, at('decoder3.0', 'dpa_size'), '0')).toBe('EBUSY');
    decoder('decoder3.1').enabled = true;
    expect(allocateEnabled('decoder3.1')).toBe('EBUSY');
  });

  function allocateEnabled(name: string): string {
    return outcome(machine, at(name, 'dpa_size'), '0x10000000');
  }

  it('in pmem loses the free ram below until it is freed', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    expect(allocate('decoder3.1', 'pmem', '0x10000000')).toBe('ok');
    expect(read(machine, at('decoder3.1', 'dpa_resource'))).toBe('0x40000000\n');
    expect(decoder('decoder3.1').dpa?.skip).toBe(0x3000_0000);
    expect(allocate('decoder3.2', 'ram', '0x10000000')).toBe('ENOSPC');
    expect(allocate('decoder3.2', 'pmem', '0x10000000')).toBe('ok');
    expect(decoder('decoder3.2').dpa?.skip).toBe(0);
    for (const name of ['decoder3.2', 'decoder3.1']) write(machine, at(name, 'dpa_size'), '0');
    expect(allocate('decoder3.1', 'ram', '0x30000000')).toBe('ok');
  });

  it('shows in debugfs with what it skips', () => {
    expect(allocate('decoder3.0', 'ram', '0x10000000')).toBe('ok');
    expect(allocate('decoder3.1', 'pmem', '0x20000000')).toBe('ok');
    expect(read(machine, 'kernel/debug/cxl/mem0/dpamem')).toBe(
      [
        '00000000-3fffffff : ram',
        '  00000000-0fffffff : decoder3.0',
        '  10000000-3fffffff : decoder3.1',
        '40000000-7fffffff : pmem',
        '  40000000-5fffffff : decoder3.1',
        '',
      ].join('\n'),
    );
  });
});
