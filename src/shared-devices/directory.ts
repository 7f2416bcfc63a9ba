/**
 * An open directory, and what is in it by its descriptor: a path below `/proc/self/fd/N` leads into
 * the very directory that was looked at, even if its name was moved or replaced since. Nothing in
 * here follows a link in place of what it expects, waits for the other end of a pipe, or removes
 * more than one name.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { systemCallErrno } from '../errno.ts';
import { foreignError, SharedDeviceError } from './errors.ts';
import { ownUid } from './owner.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const FOLDER = O_RDONLY | O_DIRECTORY;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
export const WRITABLE_BY_OTHERS = 0o022;
/** Others than the group, which many users have to themselves. */
const WRITABLE_BY_ALL = 0o002;

/**
 * What open(2) says, with O_NOFOLLOW, of a link, a folder, a socket, or a pipe without a reader.
 */
const NOT_PLAIN = new Set(['ELOOP', 'EISDIR', 'ENXIO']);

function notPlain(path: string): SharedDeviceError {
  return new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${path} is not a regular file with a single name`,
    `find out who put it there, and remove it: cxlbox neither reads, follows nor removes it`,
  );
}

function notYours(path: string, uid: number): SharedDeviceError {
  return new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `${path} belongs to user ${uid}, and cxlbox uses only your own files and folders there`,
    'ask that user or root to move or remove it, or choose another folder',
  );
}

function othersMayWrite(path: string): SharedDeviceError {
  return new SharedDeviceError(
    'CXLBOX_SHARED_FOLDER',
    `other users can write to ${path}`,
    `check what they left in it, then: chmod go-w ${path}`,
  );
}

function openFolder(at: string, path: string): number {
  try {
    return openSync(at, FOLDER | O_NOFOLLOW);
  } catch (error) {
    const isThere =
      systemCallErrno(error) === 'ENOTDIR' &&
      lstatSync(at, { throwIfNoEntry: false }) !== undefined;
    if (!isThere) throw error;
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${path} exists and is not a folder`,
      'remove it, or choose another folder; if it is a link to a folder, name the folder itself',
    );
  }
}

/** What `work` gives; undefined if it fails because something is not there. */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (systemCallErrno(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export class Directory {
  /** As people know it. */
  readonly path: string;
  private readonly descriptor: number;
  private readonly base: string;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
    this.base = `/proc/self/fd/${descriptor}/`;
  }

  /** Follows links on the way to `path`, but not its last name. */
  static open(path: string): Directory {
    return new Directory(path, openFolder(path, path));
  }

  /** Follows `path` itself too, which the user chose. */
  static follow(path: string): Directory {
    return new Directory(path, openSync(path, FOLDER));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  stat(): Stats {
    return fstatSync(this.descriptor);
  }

  names(): string[] {
    return this.call('', (path) => readdirSync(path)).sort();
  }

  /**
   * What `work` does with the path of a name; errors of system calls speak of the path that people
   * know.
   */
  call<T>(name: string, work: (path: string) => T): T {
    try {
      return work(`${this.base}${name}`);
    } catch (error) {
      if (systemCallErrno(error) === undefined || !(error instanceof Error)) throw error;
      const failed: NodeJS.ErrnoException = error;
      failed.message = failed.message.replaceAll(this.base, `${this.path}/`);
      if (failed.path !== undefined) failed.path = failed.path.replace(this.base, `${this.path}/`);
      throw failed;
    }
  }

  /** Of the name itself, if it is a link. Undefined: it is not there. */
  lstat(name: string): Stats | undefined {
    return this.call(name, (path) => lstatSync(path, { throwIfNoEntry: false }));
  }

  /**
   * Makes a folder of this user alone, by plain mkdir(2), unless there is something of that name:
   * Node's recursive one retries without end where no folder can be created, as in /proc, and calls
   * a read-only file system a missing folder.
   */
  make(name: string): void {
    try {
      this.call(name, (path) => mkdirSync(path, { mode: PRIVATE_FOLDER }));
    } catch (error) {
      if (systemCallErrno(error) !== 'EEXIST') throw error;
    }
  }

  /** A folder in this one, of any owner. */
  enter(name: string): Directory {
    const path = `${this.path}/${name}`;
    return new Directory(
      path,
      this.call(name, (at) => openFolder(at, path)),
    );
  }

  /** A folder in this one that only this user may change. */
  enterOwn(name: string): Directory {
    return this.enterChecked(name, [ownUid()], WRITABLE_BY_OTHERS, foreignError);
  }

  /**
   * A folder in this one that is this user's, or its owner's, and that not everybody may change.
   */
  enterTrusted(name: string): Directory {
    return this.enterChecked(name, [ownUid(), this.stat().uid], WRITABLE_BY_ALL, notYours);
  }

  private enterChecked(
    name: string,
    owners: readonly number[],
    forbidden: number,
    refusal: (path: string, uid: number) => SharedDeviceError,
  ): Directory {
    const entered = this.enter(name);
    try {
      const { uid, mode } = entered.stat();
      if (!owners.includes(uid)) throw refusal(entered.path, uid);
      if ((mode & forbidden) !== 0) throw othersMayWrite(entered.path);
      return entered;
    } catch (error) {
      entered.close();
      throw error;
    }
  }

  /** What `work` gives for such a folder. */
  within<T>(name: string, work: (folder: Directory) => T): T {
    const folder = this.enterOwn(name);
    try {
      return work(folder);
    } finally {
      folder.close();
    }
  }

  /**
   * Opens a plain file of this user's, or of the owner of the folder, that has no second name
   * elsewhere. `flags` as those of open(2); truncating has to wait until the file was looked at.
   */
  openFile(name: string, flags: number): number {
    const path = `${this.path}/${name}`;
    let file: number;
    try {
      file = this.call(name, (at) => openSync(at, flags | O_NOFOLLOW | O_NONBLOCK, PRIVATE_FILE));
    } catch (error) {
      throw NOT_PLAIN.has(systemCallErrno(error) ?? '') ? notPlain(path) : error;
    }
    try {
      const stat = fstatSync(file);
      if (!stat.isFile() || stat.nlink > 1) throw notPlain(path);
      if (stat.uid !== ownUid() && stat.uid !== this.stat().uid) throw notYours(path, stat.uid);
      return file;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Within this folder. */
  rename(name: string, to: string): void {
    this.call(name, (path) => renameSync(path, `${this.base}${to}`));
  }

  /** Takes a name away, unless it is gone already; never a folder, nor what a link leads to. */
  unlink(name: string): void {
    ifThere(() => this.call(name, (path) => unlinkSync(path)));
  }

  /** Takes an empty folder away, unless it is gone already. */
  rmdir(name: string): void {
    ifThere(() => this.call(name, (path) => rmdirSync(path)));
  }
}
