/**
 * What a box keeps of the host's /dev: what programs need to run, and nothing that is hardware.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { bind, type Mount } from './mount-table.ts';

export const KEPT_DEVICES = [
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
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
 * The whole of the host's /dev, out of sight, for the sake of `ptmx`: the kernel finds the
 * terminals that belong to it as `pts` beside it in the same mount, so it works neither alone nor
 * as a bind mount. Only for those whom the host's device nodes are closed to anyway.
 */
const HOST_DEV = '.host';
/** Of the terminal file system itself; open to root only. */
const PTMX_OF_PTS = 'pts/ptmx';

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

/** Shell text that makes a `ptmx` in `dev`, as only root of the host may; it may fail. */
export function makePtmx(dev: string): string {
  return `[ -L /dev/ptmx ] || ! [ -e /dev/ptmx ] || mknod -m 666 ${dev}/ptmx c 5 2 2>/dev/null || :`;
}

function usable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function preparePtmx(dev: string, { host, guarded }: Required<DevOptions>): Mount[] {
  const [source, target] = [`${host}/ptmx`, `${dev}/ptmx`];
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return prepareEntry(source, target);
  if (guarded && existsSync(target)) return [];
  if (guarded && usable(`${host}/${PTMX_OF_PTS}`)) {
    symlinkSync(PTMX_OF_PTS, target);
    return [];
  }
  symlinkSync(`${HOST_DEV}/ptmx`, target);
  return prepareEntry(host, `${dev}/${HOST_DEV}`);
}

export interface DevOptions {
  readonly names?: readonly string[];
  readonly host?: string;
  /** The box is opened by root, whom the host's device nodes are to be closed to. */
  readonly guarded?: boolean;
}

/**
 * Makes `dev` ready: links are copied, for all else an empty file or directory is made; returns
 * what to bind there.
 */
export function prepareDev(
  dev: string,
  { names = KEPT_DEVICES, host = '/dev', guarded = false }: DevOptions = {},
): Mount[] {
  return [
    ...names.flatMap((name) => prepareEntry(`${host}/${name}`, `${dev}/${name}`)),
    ...preparePtmx(dev, { names, host, guarded }),
  ];
}
