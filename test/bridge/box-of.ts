/**
 * Boxes of `cxlbox run` as root and as an ordinary user, for tests of the bridge.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, startProgram, type Who } from '../box/box-process.ts';
import { type Outcome, ROOT } from '../cxlbox.ts';

/** Two devices: one with all that a mailbox tells of, one without labels. */
export const MACHINE = `
host_bridges: [{ root_ports: [{ device: near }, { device: far }] }]
devices:
  near: { ram: 1GiB, pmem: 1GiB, label_storage_size: 64KiB, partition_alignment: 256MiB, mem: 0 }
  far: { ram: 1GiB, mem: 1 }
`;

export const CLI = join(ROOT, 'bin', 'cxlbox.js');

export interface Folder {
  readonly machine: string;
  /** Path of mailbox.py. */
  readonly mailbox: string;
  remove(): void;
}

/** What all users may read. */
export function prepareFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-bridge-'));
  chmodSync(folder, 0o755);
  const [machine, mailbox] = [join(folder, 'machine.yaml'), join(folder, 'mailbox.py')];
  writeFileSync(machine, MACHINE);
  copyFileSync(join(import.meta.dirname, 'mailbox.py'), mailbox);
  return { machine, mailbox, remove: () => rmSync(folder, { recursive: true }) };
}

/** Runs shell text in a box; `options` of `cxlbox run`. */
export function inBoxOf(
  who: Who,
  folder: Folder,
  script: string,
  options: readonly string[] = ['--bridge'],
): Promise<Outcome> {
  const run = ['run', '-m', folder.machine, ...options, '--', 'sh', '-c', script];
  return finish(startProgram(who, [process.execPath, CLI, ...run]), '');
}
