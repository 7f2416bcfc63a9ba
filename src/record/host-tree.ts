/**
 * A picture of parts of a /sys on disk (a mounted one, or a copy), in the form in which recordings
 * describe nodes.
 */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { systemCallErrno } from '../errno.ts';
import { excluded } from '../replay/normalise.ts';
import type { Snapshot } from '../replay/snapshot.ts';
import type { RecordedNode } from '../replay/trace.ts';
import { exactly } from './roots.ts';

const CHUNK = 1 << 16;

/** Links to all devices of the subsystems, wherever they are. */
const DEVICE_LINKS = ['/sys/bus/cxl/devices', '/sys/bus/dax/devices'];

/** The errno of a failed system call; any other error is a bug and is thrown. */
function expectedErrno(error: unknown): string {
  const errno = systemCallErrno(error);
  if (errno === undefined) throw error;
  return errno;
}

/** Undefined for what is not there, or not any more. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    expectedErrno(error);
    return undefined;
  }
}

function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(CHUNK);
  let text = '';
  for (;;) {
    const count = readSync(descriptor, buffer, 0, CHUNK, null);
    if (count === 0) return text;
    text += buffer.toString('latin1', 0, count);
  }
}

function describeFile(path: string, mode: string): RecordedNode {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { t: 'file', mode, data: readAll(descriptor) };
  } catch (error) {
    const errno = expectedErrno(error);
    return descriptor === undefined
      ? { t: 'file', mode, errno }
      : { t: 'file', mode, errno, at: 'read' };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function describe(path: string, stats: Stats): RecordedNode | undefined {
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  if (stats.isSymbolicLink()) return { t: 'link', to: readlinkSync(path) };
  if (stats.isDirectory()) return { t: 'dir', mode };
  return stats.isFile() ? describeFile(path, mode) : undefined;
}

export class HostTree {
  /** Where /sys is. */
  private readonly base: string;

  constructor(base = '/sys') {
    this.base = resolve(base);
  }

  /** Names `path`, which begins with /sys, on disk. */
  private onDisk(path: string): string {
    return join(this.base, path.slice('/sys'.length));
  }

  private names(path: string): string[] {
    return attempt(() => readdirSync(this.onDisk(path)).sort()) ?? [];
  }

  private matching(parents: readonly string[], part: string): string[] {
    return parents.flatMap((parent) => {
      const test = exactly(part);
      const names = part.includes('*')
        ? this.names(parent).filter((name) => test.test(name))
        : [part];
      return names.map((name) => `${parent}/${name}`);
    });
  }

  /** The devices below the pattern's fixed start that a bus lists. */
  private listed(pattern: string): string[] {
    const test = exactly(pattern);
    const targets = DEVICE_LINKS.flatMap((folder) =>
      this.names(folder).flatMap((name) => {
        const to = attempt(() => readlinkSync(this.onDisk(`${folder}/${name}`)));
        return to === undefined ? [] : resolve(folder, to);
      }),
    );
    return targets.filter((target) => test.test(target));
  }

  /**
   * The existing paths that a pattern names; links are not followed, `**` goes by the links of the
   * buses.
   */
  expand(pattern: string): string[] {
    if (pattern.includes('**')) return this.listed(pattern);
    const parts = pattern.split('/').filter((part) => part !== '');
    let found = ['/sys'];
    for (const part of parts.slice(1)) found = this.matching(found, part);
    return found.filter((path) => attempt(() => lstatSync(this.onDisk(path))) !== undefined);
  }

  /** Adds `path` and all below it, without what recordings leave out. */
  dump(into: Snapshot, path: string): void {
    if (excluded(path)) return;
    const node = attempt(() => describe(this.onDisk(path), lstatSync(this.onDisk(path))));
    if (node === undefined) return;
    into.set(path, node);
    if (node.t === 'dir') for (const name of this.names(path)) this.dump(into, `${path}/${name}`);
  }
}
