import { describe, expect, it } from 'vitest';
import { devicesOf } from '../platform/description/types.ts';
import { loadMachine, namedMachines, UnknownMachineError } from './load.ts';

describe('loadMachine', () => {
  it('knows the machines of the recordings and the default', () => {
    expect(namedMachines()).toEqual(
      expect.arrayContaining(['default', 'direct2', 'hb2', 'hmat', 'mixed', 'one', 'switch2']),
    );
  });

  it.each(namedMachines())('%s is valid and names itself', (name) => {
    const machine = loadMachine(name);
    expect(machine.name).toBe(name);
    expect(machine.about).not.toBe('');
    expect(devicesOf(machine).length).toBeGreaterThan(0);
  });

  it('gives the default machine two unbound regions of 4 GiB on mem0 and mem1', () => {
    const machine = loadMachine('default');
    const names = new Map(devicesOf(machine).map(({ name, mem }) => [name, mem]));
    expect(machine.regions).toMatchObject([
      { size: 2 ** 32, driver: undefined, firmware: false },
      { size: 2 ** 32, driver: undefined, firmware: false },
    ]);
    expect(machine.regions.map(({ devices }) => devices.map((name) => names.get(name)))).toEqual([
      [0],
      [1],
    ]);
    expect(machine.nodes.filter(({ cpus }) => cpus.length > 0)).toHaveLength(2);
  });

  it('suggests the nearest name', () => {
    expect(() => loadMachine('direkt2')).toThrow(UnknownMachineError);
    expect(() => loadMachine('direkt2')).toThrow("Did you mean 'direct2'?");
  });

  it('refuses a file without end as one that is too long', () => {
    expect(() => loadMachine('/dev/zero')).toThrow('found more than 1048576 characters');
  });

  it('takes what looks like a path for a file', () => {
    expect(() => loadMachine('./none.yaml')).toThrow("No machine './none.yaml'");
  });
});
