/**
 * What the tests of shared memory have in common: the compiled examples, machine files of hosts
 * that see the pool in another way, and a folder of shared devices for each test.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { installed, ROOT } from '../cxlbox.ts';
import { finish, startProgram, type Who } from './box-process.ts';
import type { Host } from './shared-host.ts';
import { SharedRoot } from './shared-root.ts';

export const CLI = join(ROOT, 'bin', 'cxlbox.js');
export const POOL = join(ROOT, 'examples', 'shared-pool.yaml');
export const DAX = '/dev/dax0.0';

const MACHINES: Readonly<Record<string, (pool: string) => string>> = {
  'twice.yaml': (pool) => pool.replace('ram: 1GiB', 'ram: 2GiB'),
  'half.yaml': (pool) => pool.replace('devices: [pool],', 'devices: [pool], size: 512MiB,'),
  'elsewhere.yaml': (pool) =>
    pool
      .replace('{ device: pool }', '{ device: own }, { device: pool }')
      .replace('{ pool:', '{ own: { ram: 1GiB }, pool:')
      .replace('[{ devices', '[{ devices: [own], driver: cxl_sysram_region }, { devices'),
  'named.yaml': (pool) => `${pool}host: from-file\n`,
  'interleaved.yaml': (pool) =>
    pool
      .replace('{ device: pool }', '{ device: pool }, { device: own }')
      .replace('shared: pool }', 'shared: pool }, own: { ram: 1GiB }')
      .replace('devices: [pool]', 'devices: [pool, own]'),
};

/** The folder of compiled examples and machine files, for the tests of a file. */
export function poolPrograms(): (name: string) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cxlbox-shared-'));
    chmodSync(folder, 0o755);
    const pool = readFileSync(POOL, 'utf8');
    for (const [name, change] of Object.entries(MACHINES)) {
      expect(change(pool), name).not.toBe(pool);
      writeFileSync(join(folder, name), change(pool));
    }
    if (!installed('cc')) return;
    for (const name of ['dax-map', 'dax-ring', 'shared-files']) {
      const source = join(ROOT, 'examples', `${name}.c`);
      const args = ['-O2', '-Wall', '-Werror', '-o', join(folder, name), source];
      expect(String(spawnSync('cc', args).stderr)).toBe('');
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

interface Pool {
  /** Value of CXLBOX_SHARED. */
  root(): string;
  /** A host of the pool, or of another machine file; `args` are further ones of `cxlbox run`. */
  start(who: Who, machine?: string, ...args: string[]): Host;
}

function poolIn(shared: () => SharedRoot): Pool {
  return {
    root: () => shared().path,
    start: (who, machine = POOL, ...args) => shared().start(who, '--machine', machine, ...args),
  };
}

/** A pool for each test, whose hosts end with it. */
export function poolOfTest(): Pool {
  let shared: SharedRoot;
  beforeEach(() => {
    shared = new SharedRoot();
  });
  afterEach(() => shared.leave());
  return poolIn(() => shared);
}

/** One pool for all tests of a suite: `open` starts hosts that stay. */
export function poolOfSuite(open: (pool: Pool) => Promise<unknown>): Pool {
  let shared: SharedRoot;
  const pool = poolIn(() => shared);
  beforeAll(async () => {
    shared = new SharedRoot();
    await open(pool);
  });
  afterAll(() => shared.leave());
  return pool;
}

interface Listed {
  readonly name: string;
  readonly hosts: readonly { readonly name: string; readonly claims: readonly unknown[] }[];
}

/** What `cxlbox shared list --json` prints. */
export async function sharedList(who: Who, root: string): Promise<Listed[]> {
  const command = [process.execPath, CLI, 'shared', 'list', '--json'];
  const { stdout } = await finish(startProgram(who, command, { env: { CXLBOX_SHARED: root } }), '');
  return JSON.parse(stdout) as Listed[];
}
