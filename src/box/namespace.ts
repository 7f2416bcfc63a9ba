/**
 * How the namespaces of a box are made: by unshare(1), as the user it is started by.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { BoxError, type BoxErrorCode } from './errors.ts';

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
 * Arguments of unshare(1). With a process namespace all of the box dies with its first process, and that one with
 * unshare. Mounts are private (the default of unshare): nothing of a box shows outside.
 */
export function unshareArguments(administrator: boolean, processNamespace: boolean): string[] {
  return [
    ...(administrator ? [] : ['--user', '--map-root-user']),
    '--mount',
    ...(processNamespace ? ['--pid', '--fork', '--kill-child'] : []),
    '--',
  ];
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
