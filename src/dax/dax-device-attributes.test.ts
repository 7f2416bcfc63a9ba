import { describe, expect, it } from 'vitest';
import { DaxMachine, GIB, MIB } from '../../test/dax/dax-machine.ts';

interface Scene {
  readonly machine: DaxMachine;
  /** dax0.0: 1 GiB at 0x400000000 in a region of 2 GiB. */
  readonly device: string;
  readonly path: string;
}

function scene(): Scene {
  const machine = new DaxMachine({ drivers: [] });
  const { path } = machine.produce({ size: 2 * GIB, kmem: false }, GIB);
  return { machine, path, device: `${path}/dax0.0` };
}

type Setup = (scene: Scene) => void;

const SETUPS = {
  idle: () => {},
  bound: ({ machine }) => machine.dax.loadModule('device_dax'),
  'bound to kmem': ({ machine }) => {
    machine.dax.loadModule('kmem');
    machine.write('/sys/bus/dax/drivers/kmem/new_id', 'dax0.0');
  },
  'align 1 GiB': ({ machine, device }) => machine.write(`${device}/align`, '1073741824'),
  'two ranges': ({ machine, device }) =>
    machine.write(`${device}/mapping`, '460000000-4601fffff\n'),
  empty: ({ machine, device }) => machine.write(`${device}/size`, '0'),
  'memmap supported': ({ machine }) => {
    machine.hotplug.memmapSupported = true;
  },
  'memmap off': ({ machine, device }) => machine.write(`${device}/memmap_on_memory`, '0'),
} as const satisfies Record<string, Setup>;

/**
 * What was set up, the file, what is written, what the write gives, and what the file then shows if
 * it can be read.
 */
const WRITES: readonly [keyof typeof SETUPS, string, string, string, string?][] = [
  // size: number, alignment, device idle, no change, space.
  ['idle', 'size', '\n', 'EINVAL'],
  ['idle', 'size', 'garbage', 'EINVAL'],
  ['idle', 'size', '-1', 'EINVAL'],
  ['idle', 'size', '99999999999999999999', 'ERANGE'],
  ['idle', 'size', '18446744073709551615', 'EINVAL'],
  ['idle', 'size', '18446744073707454464', 'ENOSPC'],
  ['idle', 'size', '0x100000', 'EINVAL'],
  ['idle', 'size', '4096', 'EINVAL'],
  ['align 1 GiB', 'size', '0x20000000', 'EINVAL'],
  ['bound', 'size', '4096', 'EINVAL'],
  ['bound', 'size', '0x40000000', 'EBUSY'],
  ['bound', 'size', '0x400000000', 'EBUSY'],
  ['bound to kmem', 'size', '0', 'EBUSY'],
  ['idle', 'size', '0x40000000\n', 'ok', '1073741824\n'],
  ['idle', 'size', '0x80000000', 'ok', '2147483648\n'],
  ['idle', 'size', '0x80200000', 'ENOSPC', '1073741824\n'],
  ['idle', 'size', '0', 'ok', '0\n'],
  // align: number (ENXIO), known value, device idle, lengths.
  ['idle', 'align', '\n', 'ENXIO'],
  ['idle', 'align', '-1', 'ENXIO'],
  ['idle', 'align', '99999999999999999999', 'ENXIO'],
  ['bound', 'align', 'garbage', 'ENXIO'],
  ['idle', 'align', '0', 'EINVAL'],
  ['idle', 'align', '65536', 'EINVAL'],
  ['bound', 'align', '65536', 'EINVAL'],
  ['bound', 'align', '4096', 'EBUSY'],
  ['two ranges', 'align', '1073741824', 'EINVAL', '2097152\n'],
  ['two ranges', 'align', '4096', 'ok', '4096\n'],
  ['idle', 'align', '0x40000000', 'ok', '1073741824\n'],
  ['empty', 'align', '1073741824', 'ok', '1073741824\n'],
  // mapping: text, length (silent), empty, place.
  ['idle', 'mapping', '\n', 'EINVAL'],
  ['idle', 'mapping', '460000000', 'EINVAL'],
  ['idle', 'mapping', '460000000-', 'EINVAL'],
  ['idle', 'mapping', '460000000 - 4601fffff', 'EINVAL'],
  ['idle', 'mapping', '460000000-4601fffff-', 'EINVAL'],
  ['idle', 'mapping', '0-10000000000000000', 'ERANGE'],
  ['idle', 'mapping', '460000000-4600fffff', 'ok'],
  ['align 1 GiB', 'mapping', '460000000-4601fffff', 'ok'],
  ['idle', 'mapping', '460200000-4601fffff', 'EBUSY'],
  ['empty', 'mapping', '460200000-4601fffff', 'ok'],
  ['idle', 'mapping', '0-ffffffffffffffff', 'EBUSY'],
  ['empty', 'mapping', '0-ffffffffffffffff', 'ok'],
  ['idle', 'mapping', '400000000-4001fffff', 'ENOMEM'],
  ['idle', 'mapping', '480000000-4801fffff', 'ENOMEM'],
  ['idle', 'mapping', '3ffe00000-3ffffffff', 'ENOMEM'],
  ['idle', 'mapping', 'fffffffffff00000-fffff', 'ENOMEM'],
  ['idle', 'mapping', '0x460000001-0x460200000\n', 'ok'],
  ['bound', 'mapping', '460000000-4601fffff', 'ok'],
  // memmap_on_memory: boolean, supported, not changed under kmem.
  ['idle', 'memmap_on_memory', '\n', 'EINVAL'],
  ['idle', 'memmap_on_memory', '2', 'EINVAL'],
  ['idle', 'memmap_on_memory', '1', 'EOPNOTSUPP', '1\n'],
  ['bound to kmem', 'memmap_on_memory', 'y', 'EOPNOTSUPP', '1\n'],
  ['bound to kmem', 'memmap_on_memory', 'n', 'EBUSY', '1\n'],
  ['idle', 'memmap_on_memory', 'no', 'ok', '0\n'],
  ['bound', 'memmap_on_memory', 'off', 'ok', '0\n'],
  ['memmap off', 'memmap_on_memory', '0\n', 'ok', '0\n'],
  ['memmap supported', 'memmap_on_memory', '1', 'ok', '1\n'],
];

describe('writes to a dax device', () => {
  it.each(WRITES)('%s: %s <- %j gives %s', (setup, file, text, result, shown) => {
    const made = scene();
    SETUPS[setup](made);
    const { machine, device } = made;
    expect(machine.attempt(`${device}/${file}`, text)).toBe(result);
    if (shown !== undefined) expect(machine.read(`${device}/${file}`)).toBe(shown);
  });

  it.each(['size', 'align'])('%s of a region whose producer is gone is ENXIO', (file) => {
    const machine = new DaxMachine({ drivers: [] });
    const { parent, path } = machine.produce({ size: 2 * GIB }, GIB);
    parent.driver = undefined;
    expect(machine.attempt(`${path}/dax0.0/${file}`, '2097152')).toBe('ENXIO');
  });

  it('mapping does nothing silently: wrong length, no producer', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { parent, path } = machine.produce({ size: 2 * GIB }, GIB);
    machine.write(`${path}/dax0.0/mapping`, '460000000-4600fffff');
    parent.driver = undefined;
    machine.write(`${path}/dax0.0/mapping`, '460000000-4601fffff');
    expect(machine.list(`${path}/dax0.0`)).not.toContain('mapping1');
  });
});

/** Name, mode, content (undefined: reading is refused) of a CXL device as it is born. */
const FILES: readonly [string, number, string | undefined][] = [
  ['align', 0o644, '2097152\n'],
  ['dev', 0o444, '252:0\n'],
  ['mapping', 0o200, undefined],
  ['memmap_on_memory', 0o644, '1\n'],
  ['modalias', 0o444, 'dax:t0\n'],
  ['numa_node', 0o444, '-1\n'],
  ['resource', 0o400, '0x400000000\n'],
  ['size', 0o644, '1073741824\n'],
  ['target_node', 0o444, '2\n'],
  ['uevent', 0o644, 'MAJOR=252\nMINOR=0\nDEVNAME=dax0.0\nMODALIAS=dax:t0\n'],
];

describe('files of a dax device', () => {
  it.each(FILES)('%s', (name, mode, content) => {
    const { machine, device } = scene();
    expect(machine.mode(`${device}/${name}`)).toBe(mode);
    if (content === undefined) expect(() => machine.read(`${device}/${name}`)).toThrow('EACCES');
    else expect(machine.read(`${device}/${name}`)).toBe(content);
  });

  it('are these and no others', () => {
    const { machine, device } = scene();
    expect(machine.list(device)).toEqual(
      [...FILES.map(([name]) => name), 'mapping0', 'subsystem'].sort(),
    );
  });

  it('resource shows the first range, or without one the start of the region', () => {
    const { machine, device } = scene();
    machine.write(`${device}/size`, '0');
    expect(machine.read(`${device}/resource`)).toBe('0x400000000\n');
    machine.write(`${device}/mapping`, '460000000-4601fffff');
    expect(machine.read(`${device}/resource`)).toBe('0x460000000\n');
  });

  it('a static region fixes the layout, and no target node means no file', () => {
    const machine = new DaxMachine({ drivers: [] });
    const { path } = machine.produce({ static: true, targetNode: -1, numaNode: 1 });
    expect(machine.mode(`${path}/dax0.0/size`)).toBe(0o444);
    expect(machine.mode(`${path}/dax0.0/align`)).toBe(0o444);
    expect(machine.attempt(`${path}/dax0.0/size`, '0')).toBe('EACCES');
    expect(machine.read(`${path}/dax0.0/numa_node`)).toBe('1\n');
    for (const name of ['mapping', 'target_node'])
      expect(machine.exists(`${path}/dax0.0/${name}`)).toBe(false);
    expect(machine.list(`${path}/dax_region`)).toEqual(['align', 'id', 'size']);
  });

  it('sizes are multiples of 2 MiB even where pages are mapped one by one', () => {
    const { machine, device } = scene();
    machine.write(`${device}/align`, '4096');
    expect(machine.attempt(`${device}/size`, `${2 * MIB + 4096}`)).toBe('EINVAL');
  });
});
