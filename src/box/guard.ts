/**
 * Gives up the mount of a box whose machine process dies while one of its threads waits for the
 * mount.
 *
 * Where dax devices are served, a thread asks the kernel to forget pages, which waits until the
 * serving thread has taken those that are dirty; where names are leased, to forget names, which
 * waits until a lookup in the same directory is answered. If the process is killed then, that
 * thread stays, and /dev/fuse with it: the kernel never gives up the mount, and no signal helps. So
 * a process outside of the process namespace, which no end of the box takes along, unmounts by force
 * as soon as the main thread of the machine's process is gone.
 *
 * It learns that by a named pipe, whose only writer dies with that very thread, and with the
 * process namespace.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { BoxError } from './errors.ts';
import { STAGE, STAGE_FUSE } from './mount-table.ts';

const PIPE = `${STAGE}/guard`;
/** The pipe until its writer has it open. */
const NEW_PIPE = `${PIPE}.new`;
/** Is there when both ends of the pipe are open. */
const PRESENT = `${STAGE}/guarded`;

/** For both directions, since that does not wait for a reader. */
const HOLD_PIPE = `
mkfifo -m 600 ${NEW_PIPE} && exec 3<>${NEW_PIPE} && mv ${NEW_PIPE} ${PIPE} && read -r end
`;

/**
 * In a copy of the mount namespace: umount(8) needs a /proc that knows it, which the host's is,
 * beneath the box's own. `-c`: what is mounted is not looked at. The mount stays, the connection is
 * gone. The pipe may come later than this, and never comes if the box ends first. Its writer may
 * have died already: an open for reading alone would wait for another one without end.
 */
export const WAIT = `
[ -e /proc/self ] || umount -i /proc
tries=0
until [ -p ${PIPE} ]; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || exit
  sleep 0.05
done
exec 3<>${PIPE} 4<${PIPE} && exec 3>&- && : > ${PRESENT} || exit
read -r end <&4
umount -i -c -f ${STAGE_FUSE}
exit 0
`;

const WAITING = ['unshare', '--mount', '--', '/bin/sh', '-c', WAIT] as const;

/** Milliseconds. */
const POLL = 2;
const PATIENCE = 10_000;

/**
 * In the machine's process, by its main thread, which may be serving: starts the holder of the
 * pipe. The guard is to be started outside (`guardCommand`).
 */
export function holdPipe(): void {
  const args = ['--pdeathsig', 'KILL', '--', '/bin/sh', '-c', HOLD_PIPE];
  // Where it cannot be started, no guard comes: that is seen by itself.
  spawn('setpriv', args, { stdio: ['pipe', 'ignore', 'ignore'] }).on('error', () => {});
}

/** True when the guard is there. */
export function isGuarded(): boolean {
  return existsSync(PRESENT);
}

/** Resolves when the guard is there. CXLBOX_LOST. */
export async function guardPresent(): Promise<void> {
  for (const end = performance.now() + PATIENCE; !isGuarded(); await setTimeout(POLL))
    if (performance.now() > end) throw new BoxError('CXLBOX_LOST', 'the guard did not start');
}

/**
 * The guard, to be started outside; `pid` is a process in the namespaces of the box that is there
 * as long as they are.
 */
export function guardCommand(administrator: boolean, pid: number): readonly string[] {
  const users = administrator ? [] : ['--preserve-credentials', `--user=/proc/${pid}/ns/user`];
  return ['nsenter', ...users, `--mount=/proc/${pid}/ns/mnt`, '--', ...WAITING];
}
