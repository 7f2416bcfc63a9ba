/**
 * How the namespaces of a box are made: by unshare(1), as the user it is started by.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { BoxError, type BoxErrorCode } from './errors.ts';
import { SOURCE } from './mount-table.ts';
import { saysLimit } from './spawn-failure.ts';

const FUSE_DEVICE = '/dev/fuse';
const CAP_SYS_ADMIN = 21n;

/** True if this process may make mount namespaces without a user namespace. */
export function isAdministrator(status = readFileSync('/proc/self/status', 'utf8')): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${capabilities}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

/** CXLBOX_NO_FUSE, CXLBOX_FUSE_ACCESS. */
export function checkFuseDevice(path = FUSE_DEVICE): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const missing = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BoxError(missing ? 'CXLBOX_NO_FUSE' : 'CXLBOX_FUSE_ACCESS', '');
  }
}

/**
 * CXLBOX_IN_BOX. The mounts of a box are locked, and its /proc is covered in part: another box
 * finds nothing there that it could cover itself.
 */
export function checkOutside(mounts = readFileSync('/proc/self/mounts', 'latin1')): void {
  const top = mounts.split('\n').findLast((line) => line.split(' ')[1] === '/sys');
  const [source, , type] = top?.split(' ') ?? [];
  if (source === SOURCE && type === 'fuse') throw new BoxError('CXLBOX_IN_BOX', '');
}

/**
 * Arguments of unshare(1). With a process namespace all of the box dies with its first process, and
 * that one with unshare. Mounts are private (the default of unshare): nothing of a box shows
 * outside.
 *
 * The process namespace of an ordinary user is made by a second unshare: a process that has got the
 * rights of a user namespace, and has not become another program in it, cannot be looked at by its
 * user, and so not be joined (guard.ts).
 */
export function unshareArguments(administrator: boolean, processNamespace: boolean): string[] {
  const processes = ['--pid', '--fork', '--kill-child'];
  if (administrator) return ['--mount', ...(processNamespace ? processes : []), '--'];
  const users = ['--user', '--map-root-user', '--mount', '--'];
  return [...users, ...(processNamespace ? ['unshare', ...processes, '--'] : [])];
}

interface Switch {
  readonly path: string;
  /** The value that forbids user namespaces. */
  readonly forbids: string;
}

const USER_NAMESPACE_SWITCHES: readonly Switch[] = [
  { path: '/proc/sys/user/max_user_namespaces', forbids: '0' },
  { path: '/proc/sys/kernel/unprivileged_userns_clone', forbids: '0' },
  { path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', forbids: '1' },
];

function readSwitch(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The error for an unshare(1) that failed with these messages. */
export function unshareError(administrator: boolean, messages: string): BoxError {
  if (saysLimit(messages)) return new BoxError('CXLBOX_LIMIT', messages.trim());
  const code: BoxErrorCode = administrator ? 'CXLBOX_NO_NAMESPACE' : 'CXLBOX_NO_USERNS';
  const forbidding = USER_NAMESPACE_SWITCHES.filter(
    ({ path, forbids }) => readSwitch(path) === forbids,
  );
  const settings = administrator
    ? []
    : forbidding.map(({ path, forbids }) => `${path} is ${forbids}`);
  return new BoxError(
    code,
    [messages.trim(), ...settings].filter((text) => text !== '').join('; '),
  );
}
