/**
 * The mount namespace of the command: a copy of the first process's, in which the machine is /sys,
 * and has its files in /proc and /dev. Processes join it by nsenter(1).
 *
 * It is apart so that the process that serves the machine cannot ask it: a thread that waits for an
 * answer from its own process cannot be killed, and as long as it holds /dev/fuse the kernel does
 * not give up the mount. In the first process's namespace the machine is at one place of the stage
 * only, which none of its threads names.
 *
 * Where the box was opened with rights over the host, the view belongs to a user namespace of its
 * own with the same ids: files keep their owners, the rights over the host stay outside, and no
 * mount can be taken off or made writable (a copy of mounts that goes to another user namespace is
 * locked as a whole).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { BoxError, messageOf } from './errors.ts';
import { type Mount, STAGE, TABLE, WAITING_SYS, writeTable } from './mount-table.ts';
import { saysLimit, spawnFailure } from './spawn-failure.ts';

/** Where a copy of /proc/mounts is made, until it covers it. */
const MOUNTS_COPY = '/dev/.mounts';

/** Says so when the namespace is made; it then only has to live until others have joined. */
const HOLD = 'echo ready; read -r end';

/**
 * Arguments: what to add to /proc/mounts, and the rest of the command line. The machine's /sys goes
 * to its place last: it covers the stage, which could not be taken off afterwards. `-n`: with a
 * move, an ordinary user cannot have it noted in /run/mount. Older versions of mount(8) cannot
 * cover a link, and cover a file of their own process, which is gone with them.
 */
const MAKE_VIEW = `
mount -i -a -T ${TABLE} && umount -i -l ${STAGE} && mount -i -n --move ${WAITING_SYS} /sys || exit
rmdir ${WAITING_SYS}
if [ -n "$1" ]; then
  { cat /proc/self/mounts; printf '%s' "$1"; } > ${MOUNTS_COPY}
  mount --no-canonicalize --bind ${MOUNTS_COPY} /proc/mounts 2>/dev/null
  rm -f ${MOUNTS_COPY}
fi
shift
exec "$@"
`;

/** Makes a user namespace of which nothing is mapped yet: who writes the maps is outside. */
const OWN_USERS = ['unshare', '--user', '--mount', '--'] as const;

/** All ids that `map`, a text of uid_map or gid_map, has inside, as they are. */
export function identityMap(map: string): string {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([inside = '', , count = '']) => `${inside} ${inside} ${count}\n`)
    .join('');
}

export interface View {
  /** Command line of a program in the view. */
  enter(program: readonly string[]): readonly string[];
  /** To be called when all have joined. */
  release(): void;
}

export interface ViewOptions {
  readonly mounts: readonly Mount[];
  /** Lines for /proc/mounts; empty: it stays as it is. */
  readonly addedEntries: string;
  /** The view belongs to a user namespace of its own. */
  readonly guarded: boolean;
}

/** Resolves when the namespace is made: to its messages, empty if it was. */
function made(holder: ChildProcess): Promise<string> {
  let messages = '';
  holder.stderr?.on('data', (chunk: Buffer) => {
    messages += chunk.toString();
  });
  return new Promise((done, failed) => {
    holder.on('error', (error) => failed(spawnFailure(error, 'CXLBOX_NO_UNSHARE')));
    holder.on('close', (status) => done(messages.trim() || `unshare ended with status ${status}`));
    holder.stdout?.once('data', () => done(''));
  });
}

function mapUsers(pid: number): void {
  for (const map of ['uid_map', 'gid_map'])
    writeFileSync(`/proc/${pid}/${map}`, identityMap(readFileSync(`/proc/self/${map}`, 'latin1')));
}

/** What unshare(1) says itself is about user namespaces, if it is started a second time. */
function refusal(messages: string, guarded: boolean): BoxError {
  if (saysLimit(messages)) return new BoxError('CXLBOX_LIMIT', messages);
  const users = guarded && messages.startsWith('unshare: ');
  return new BoxError(users ? 'CXLBOX_NO_GUARD' : 'CXLBOX_MOUNT_REFUSED', messages);
}

/** CXLBOX_MOUNT_REFUSED, CXLBOX_NO_GUARD, CXLBOX_NO_UNSHARE, CXLBOX_LIMIT. */
export async function openView({ mounts, addedEntries, guarded }: ViewOptions): Promise<View> {
  writeTable(mounts);
  const hold = [...(guarded ? OWN_USERS : []), '/bin/sh', '-c', HOLD];
  const args = ['--mount', '--', '/bin/sh', '-c', MAKE_VIEW, 'cxlbox-view', addedEntries, ...hold];
  const holder = spawn('unshare', args, { stdio: 'pipe' });
  const messages = await made(holder);
  if (messages !== '') throw refusal(messages, guarded);
  const pid = holder.pid ?? 0;
  try {
    if (guarded) mapUsers(pid);
  } catch (error) {
    throw new BoxError('CXLBOX_NO_GUARD', messageOf(error));
  }
  const users = guarded ? ['--preserve-credentials', `--user=/proc/${pid}/ns/user`] : [];
  return {
    enter: (program) => ['nsenter', ...users, `--mount=/proc/${pid}/ns/mnt`, '--', ...program],
    release: () => holder.stdin?.end(),
  };
}
