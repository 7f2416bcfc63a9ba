/**
 * Which programs of the box have a file open or mapped, under any name, according to /proc.
 *
 * Nothing here follows a link of /proc: it might lead into the mount that this thread serves. What
 * /proc says in text is enough: of a descriptor the inode and the mount, of a mapping the inode and
 * the device.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';

/** Whatever has taken the place of the file: no link is followed, and no pipe waited for. */
const LOOK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file as /proc names it. */
interface FileIdentity {
  readonly inode: string;
  /** Decimal, `0:52`, as in mountinfo. */
  readonly device: string;
}

/** What `read` gives, or nothing of a process that has ended or belongs to somebody else. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function textOf(path: string): string {
  return attempt(() => readFileSync(path, 'latin1')) ?? '';
}

function fieldOf(fdinfo: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(fdinfo)?.[1];
}

/** The devices of the mounts that a process sees, by mount number. */
class Mounts {
  private readonly path: string;
  private devices: ReadonlyMap<string, string> | undefined;

  constructor(process: string) {
    this.path = `${process}/mountinfo`;
  }

  /**
   * Undefined: the process does not see the mount, or it is an internal one that no process sees,
   * as that of pipes.
   */
  deviceOf(mount: string): string | undefined {
    this.devices ??= new Map(
      textOf(this.path)
        .split('\n')
        .map((line): [string, string] => {
          const [number = '', , device = ''] = line.split(' ', 3);
          return [number, device];
        }),
    );
    return this.devices.get(mount);
  }
}

function deviceOf(fdinfo: string, mounts: readonly Mounts[]): string | undefined {
  const mount = fieldOf(fdinfo, 'mnt_id');
  if (mount === undefined) return undefined;
  for (const each of mounts) {
    const device = each.deviceOf(mount);
    if (device !== undefined) return device;
  }
  return undefined;
}

/** As /proc shows it for other processes: stat(2) has other device numbers on some file systems. */
function identify(path: string, self: string, mounts: Mounts): FileIdentity | undefined {
  const file = openSync(path, LOOK);
  try {
    const fdinfo = textOf(`${self}/fdinfo/${file}`);
    const device = deviceOf(fdinfo, [mounts]);
    const inode = fieldOf(fdinfo, 'ino') ?? String(fstatSync(file, { bigint: true }).ino);
    return device === undefined ? undefined : { inode, device };
  } finally {
    closeSync(file);
  }
}

/** `00:34`, as /proc/PID/maps has it: hexadecimal, two digits at least. */
function deviceInMaps(device: string): string {
  return device
    .split(':')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':');
}

function maps(process: string, { inode, device }: FileIdentity): boolean {
  const wanted = deviceInMaps(device);
  return textOf(`${process}/maps`)
    .split('\n')
    .some((line) => {
      const [, , , at, number] = line.split(/ +/, 5);
      return number === inode && at === wanted;
    });
}

/** `names`: the paths by which the file is known. */
function opens(
  process: string,
  { inode, device }: FileIdentity,
  own: Mounts,
  names: readonly string[],
): boolean {
  const mounts = [new Mounts(process), own];
  return (attempt(() => readdirSync(`${process}/fdinfo`)) ?? []).some((each) => {
    const text = textOf(`${process}/fdinfo/${each}`);
    const number = fieldOf(text, 'ino');
    // Linux before 5.14 does not tell the inode.
    if (number === undefined)
      return names.includes(attempt(() => readlinkSync(`${process}/fd/${each}`)) ?? '');
    // First what costs least: most descriptors are of other files.
    return number === inode && deviceOf(text, mounts) === device;
  });
}

/**
 * `path` is the file, `name` the second name by which most programs open it. This process itself
 * does not count.
 */
export function isInUse(path: string, name: string, proc = '/proc'): boolean {
  const self = `${proc}/${process.pid}`;
  const mounts = new Mounts(self);
  const identity = identify(path, self, mounts);
  if (identity === undefined) return false;
  return readdirSync(proc)
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .map((pid) => `${proc}/${pid}`)
    .some((each) => maps(each, identity) || opens(each, identity, mounts, [path, name]));
}
