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

/**
 * The whole of the host's /dev, out of sight, for the sake of `ptmx`: the kernel finds the terminals that belong to it
 * as `pts` beside it in the same mount, so it works neither alone nor as a bind mount.
 */
const HOST_DEV = '.host';

function prepareEntry(source: string, target: string): Mount[] {
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(source), target);
    return [];
  }
  if (stat.isDirectory()) mkdirSync(target);
  else writeFileSync(target, '');
  return [bind(source, target)];
}

function preparePtmx(dev: string, host: string): Mount[] {
  const stat = lstatSync(`${host}/ptmx`, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink())
    return prepareEntry(`${host}/ptmx`, `${dev}/ptmx`);
  symlinkSync(`${HOST_DEV}/ptmx`, `${dev}/ptmx`);
  return prepareEntry(host, `${dev}/${HOST_DEV}`);
}

/** Makes `dev` ready: links are copied, for all else an empty file or directory is made; returns what to bind there. */
export function prepareDev(
  dev: string,
  names: readonly string[] = KEPT_DEVICES,
  host = '/dev',
): Mount[] {
  return [
    ...names.flatMap((name) => prepareEntry(`${host}/${name}`, `${dev}/${name}`)),
    ...preparePtmx(dev, host),
  ];
}
