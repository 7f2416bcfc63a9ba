/**
 * Gives up the mount of a box whose machine process dies while one of its threads waits for the
 * mount.
 *
 * Where dax devices are served, a thread asks the kernel to forget pages, which waits until the
 * serving thread has taken those that are dirty. If the process is killed then, that thread stays,
 * and /dev/fuse with it: the kernel never gives up the mount, and no signal helps. So a process
 * outside of the process namespace, which no end of the box takes along, unmounts by force as soon
 * as the main thread of the machine's process is gone.
 *
 * It learns that by a named pipe, whose only writer dies with that very thread, and with the
 * process namespace.
 */
import { spawn, spawnSync } from 'node:child_process';
import { BoxError } from './errors.ts';
import { STAGE, STAGE_FUSE } from './mount-table.ts';
import { spawnFailure } from './spawn-failure.ts';

const PIPE = `${STAGE}/guard`;

/** Opening waits for the other side. */
const HOLD_PIPE = `exec 3>${PIPE} && echo open && read -r end`;

/**
 * In a copy of the mount namespace: umount(8) needs a /proc that knows it, which the host's is,
 * beneath the box's own. `-c`: what is mounted is not looked at. The mount stays, the connection is
 * gone.
 */
const WAIT = `
[ -e /proc/self ] || umount -i /proc
read -r end < ${PIPE}
umount -i -c -f ${STAGE_FUSE}
exit 0
`;

const WAITING = ['unshare', '--mount', '--', '/bin/sh', '-c', WAIT] as const;

/**
 * In the machine's process, by its main thread: resolves when the guard (`guardCommand`) is there too,
 * which `ask` asks for once there is a pipe to open.
 */
export function holdPipe(ask: () => void): Promise<void> {
  if (spawnSync('mkfifo', ['-m', '600', PIPE]).status !== 0)
    throw new BoxError('CXLBOX_LOST', `mkfifo ${PIPE} failed`);
  ask();
  const args = ['--pdeathsig', 'KILL', '--', '/bin/sh', '-c', HOLD_PIPE];
  const holder = spawn('setpriv', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((opened, failed) => {
    holder.on('error', (error) => failed(spawnFailure(error, 'CXLBOX_NO_UNSHARE')));
    holder.on('close', () => failed(new BoxError('CXLBOX_LOST', 'the guard did not start')));
    holder.stdout.once('data', () => opened());
  });
}

/**
 * The guard, to be started outside; `pid` is a process in the namespaces of the box that is there
 * as long as they are.
 */
export function guardCommand(administrator: boolean, pid: number): readonly string[] {
  const users = administrator ? [] : ['--preserve-credentials', `--user=/proc/${pid}/ns/user`];
  return ['nsenter', ...users, `--mount=/proc/${pid}/ns/mnt`, '--', ...WAITING];
}
