import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMachine, namedMachines } from './load.ts';
import { fromJson, toJson } from './plain-data.ts';
import { RESOLVED, shippedMachine } from './shipped.ts';

describe('a machine as JSON', () => {
  it.each(namedMachines())('%s comes back as it was', (name) => {
    const machine = loadMachine(name);
    expect(fromJson(toJson(machine))).toEqual(machine);
  });
});

describe('a machine that ships', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cxlbox-shipped-'));
    mkdirSync(join(root, 'machines'));
    mkdirSync(join(root, RESOLVED), { recursive: true });
    writeFileSync(join(root, 'machines', 'one.yaml'), '');
    writeFileSync(join(root, RESOLVED, 'one.json'), toJson({ name: 'one', serial: 1n }));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is read as the build has resolved it', () => {
    expect(shippedMachine('one', root)).toEqual({ name: 'one', serial: 1n });
  });

  it('is not, if its file is newer than the build', () => {
    const later = Date.now() / 1000 + 60;
    utimesSync(join(root, 'machines', 'one.yaml'), later, later);
    expect(shippedMachine('one', root)).toBeUndefined();
  });

  it.each(['two', 'one.yaml', './one', '-', '../machines/one', ''])('is not named %j', (name) => {
    expect(shippedMachine(name, root)).toBeUndefined();
  });

  it('is not, if it is missing in the build or in the package', () => {
    rmSync(join(root, 'machines', 'one.yaml'));
    expect(shippedMachine('one', root)).toBeUndefined();
  });
});
