import { describe, expect, it } from 'vitest';
import { loadMachine, namedMachines } from '../../machine-files/load.ts';
import { DescriptionError } from '../../platform/description/error.ts';
import { parseMachine } from '../../platform/description/parse.ts';
import { machineFileOf } from '../../platform/description/write.ts';
import { jsonReport, resolvedYaml, summary } from './render.ts';

const FAULTY = `
host_bridges: [{root_ports: [{switch: {ports: [{device: a}, {device: b}]}}]}]
devices: {a: {ram: 1GiB, performance: none}, b: {ram: 1GiB, shared: pool}}
hmat: {initiators: [0], targets: [0, 1], latency: [[1, 2]], caches: [{node: 0, size: 1MiB, address_mode: 1}]}
faults: [{probe: cxl_mem, device: a, errno: EIO}, {hotplug: memmap}, {slow_online: 2s}, {poison: a, dpa: 64}, {link_down: b}]
boot: {modules: [cxl_port]}
`;

describe('a resolved machine', () => {
  it.each(namedMachines().filter((name) => name !== 'rack-64t'))(
    '%s is the same machine',
    (name) => {
      const machine = loadMachine(name);
      expect(parseMachine(resolvedYaml(machine), name)).toEqual(machine);
    },
  );

  it('is the same as JSON, which is YAML too, with faults, tables and modules', () => {
    const machine = parseMachine(FAULTY, 'm.yaml');
    expect(parseMachine(JSON.stringify(machineFileOf(machine)), 'm.yaml')).toEqual(machine);
  });
});

describe('what is said of a machine', () => {
  it('counts its parts', () => {
    expect(summary('default.yaml', loadMachine('default'))).toBe(
      'default.yaml: valid: 2 nodes (4GiB), 1 host bridge, 2 devices (8GiB), 1 window (16GiB), 2 regions (8GiB), 0 faults; abi explicit-region-drivers-v1\n',
    );
  });

  it('has problems with their places for programs', () => {
    const error = new DescriptionError('m.yaml', [{ line: 2, column: 3, message: 'found x' }]);
    expect(JSON.parse(jsonReport('m.yaml', error, true))).toEqual({
      file: 'm.yaml',
      valid: false,
      problems: [{ line: 2, column: 3, message: 'found x' }],
      count: 1,
    });
  });

  it('has the machine for programs if it is asked for', () => {
    const machine = loadMachine('one');
    expect(JSON.parse(jsonReport('one', machine, false))).not.toHaveProperty('machine');
    expect(JSON.parse(jsonReport('one', machine, true))).toMatchObject({
      valid: true,
      machine: { windows: [{ ways: 1 }] },
    });
  });
});
