/**
 * The mount namespace of the command: a copy of the keeper's, in which the machine is /sys,
 * and has its files in /proc and /dev. Other processes join it by nsenter(1).
 *
 * It is apart so that the process that serves the machine cannot ask it: a thread that waits for an
 * answer from its own process cannot be killed, and as long as it holds /dev/fuse the kernel does
 * not give up the mount. In the keeper's namespace the machine is at one place of the stage
 * only, which none of its threads names.
 *
 * Where the box was opened with rights over the host, the view belongs to a user namespace of its
 * own with the same ids: files keep their owners, the rights over the host stay outside, and no
 * mount can be taken off or made writable (a copy of mounts that goes to another user namespace is
 * locked as a whole).
 */
import { readFileSync } from 'node:fs';
import { BoxError } from './errors.ts';
import { FD, NEWLINE, quote, quoteInLine } from './keeper.ts';
import { STAGE, STAGE_SYS, TABLE, WAITING_SYS } from './mount-table.ts';
import { NOT_FOUND, saysLimit } from './spawn-failure.ts';

/** Where a copy of /proc/mounts is made, until it covers it. */
const MOUNTS_COPY = '/dev/.mounts';

/**
 * Waits until the machine is served, and is told what to add to /proc/mounts; its arguments are the
 * rest of the command line. The machine's /sys goes to its place last: it covers the stage, which
 * could not be taken off afterwards. `-n`: with a move, an ordinary user cannot have it noted in
 * /run/mount. Older versions of mount(8) cannot cover a link, and cover a file of their own
 * process, which is gone with them.
 */
const MAKE_VIEW = `
IFS= read -r added <&${FD.go} || exit
${NEWLINE}
eval "added=$added"
mount -i -a -T ${TABLE} && umount -i -l ${STAGE} && mount -i -n --move ${WAITING_SYS} /sys || exit
if [ -n "$added" ]; then
  { cat /proc/self/mounts; printf '%s' "$added"; } > ${MOUNTS_COPY}
  mount --no-canonicalize --bind ${MOUNTS_COPY} /proc/mounts 2>/dev/null
  rm -f ${MOUNTS_COPY}
fi
unset added n
exec "$@"
`;

/** Makes a user namespace of which nothing is mapped yet: who writes the maps is outside. */
const OWN_USERS = ['unshare', '--user', '--mount', '--'] as const;

/**
 * Shell text that makes the view, when it is told to (`viewLine`), and becomes `program` in it,
 * with the arguments of the shell. What it has to say it says on the control socket.
 */
export function enterView(guarded: boolean, program: readonly string[]): string {
  const users = guarded ? OWN_USERS : [];
  const made = ['/bin/sh', '-c', MAKE_VIEW, 'cxlbox-view', ...users, ...program];
  const words = ['unshare', '--mount', '--', ...made].map(quote).join(' ');
  return `exec ${words} "$@" 2>&${FD.control}`;
}

/** The line that has the view made: the machine is served, and the table of the view is written. */
export function viewLine(addedEntries: string): string {
  return `${quoteInLine(addedEntries)}\n`;
}

/** Shell text for the keeper that takes away what the view leaves in the stage. */
export const TIDY_VIEW = `rmdir ${STAGE_SYS}`;

/** All ids that `map`, a text of uid_map or gid_map, has inside, as they are. */
export function identityMap(map: string): string {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([inside = '', , count = '']) => `${inside} ${inside} ${count}\n`)
    .join('');
}

/**
 * Shell text that gives the user namespace of process `pid` its ids. The kernel takes a map in one
 * write only, and builtin commands of some shells write a line at a time.
 */
export function mapUsers(pid: number): string {
  const write = (name: string): string => {
    const map = identityMap(readFileSync(`/proc/self/${name}`, 'latin1'));
    const cat = map.trim().includes('\n') ? ' | cat' : '';
    return `printf '%s' ${quote(map)}${cat} > /proc/${pid}/${name}`;
  };
  return ['uid_map', 'gid_map'].map(write).join(' && ');
}

/** Command line of a program in the view that process `pid` is in. */
export function joinView(pid: number, guarded: boolean, program: readonly string[]) {
  const users = guarded ? ['--preserve-credentials', `--user=/proc/${pid}/ns/user`] : [];
  return ['nsenter', ...users, `--mount=/proc/${pid}/ns/mnt`, '--', ...program];
}

/** Why there is no view. What unshare(1) says, if it is started a second time, is about users. */
export function viewRefusal(status: number, text: string, guarded: boolean): BoxError {
  const messages = text || `unshare ended with status ${status}`;
  if (saysLimit(messages)) return new BoxError('CXLBOX_LIMIT', messages);
  if (status === NOT_FOUND) return new BoxError('CXLBOX_NO_UNSHARE', messages);
  const users = guarded && messages.startsWith('unshare: ');
  return new BoxError(users ? 'CXLBOX_NO_GUARD' : 'CXLBOX_MOUNT_REFUSED', messages);
}
