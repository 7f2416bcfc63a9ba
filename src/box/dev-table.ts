/**
 * What a box keeps of the host's /dev: what programs need to run, and nothing that is hardware.
 */
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { bind, type Mount } from './mount-table.ts';

export const KEPT_DEVICES = [
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  'console',
  'ptmx',
  'pts',
  'shm',
  'mqueue',
  'hugepages',
  'fuse',
  'log',
  'fd',
  'stdin',
  'stdout',
  'stderr',
  'core',
] as const;

/** Makes `dev` ready: links are copied, for all else an empty file or directory is made; returns what to bind there. */
export function prepareDev(dev: string, names: readonly string[] = KEPT_DEVICES, host = '/dev'): Mount[] {
  const binds: Mount[] = [];
  for (const name of names) {
    const source = `${host}/${name}`;
    const target = `${dev}/${name}`;
    const stat = lstatSync(source, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isSymbolicLink()) {
      symlinkSync(readlinkSync(source), target);
      continue;
    }
    if (stat.isDirectory()) mkdirSync(target);
    else writeFileSync(target, '');
    binds.push(bind(source, target));
  }
  return binds;
}
