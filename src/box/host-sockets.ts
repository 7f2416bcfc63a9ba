/**
 * Lets programs that may enter the folders of a box's shared devices read and write its /sys,
 * as programs inside do: a fabric manager outside has no other way to it.
 *
 * A process of its own answers (socket-process.ts), in the view of the command: what it asks the
 * machine it may wait for as long as it takes, and it holds nothing that keeps the mount.
 */
import type { SharedMemory } from '../media/shared-memory.ts';
import { closed, FD, quote, record } from './keeper.ts';
import { nodeProgram } from './node-program.ts';
import { WITNESS } from './protocol.ts';

/**
 * One slow write takes one thread of the process until it is done; the others are served meanwhile.
 */
const THREADS = '32';

/** The record that the process no longer serves, which ends the box. */
export const SOCKETS_LOST = 'sockets';

/**
 * Shell text that starts the process, by a command line that joins the view. It says a line on
 * `FD.sockets` when it listens, and ends when that does. Its end is seen by a shell that reads what
 * only its witness holds.
 */
export function startSockets(
  shared: SharedMemory,
  join: (program: readonly string[]) => readonly string[],
): string {
  const node = [...nodeProgram('socket-process'), JSON.stringify(shared)];
  const program = join(node).map(quote).join(' ');
  const streams = `${WITNESS}>&1 <&${FD.sockets} >&${FD.sockets} 2>&${FD.stderr}`;
  const rest = closed('stderr', 'machine', 'go', 'sockets', 'stdout');
  const watch = `{ while read -r end; do :; done; ${record(SOCKETS_LOST)}; }`;
  return `UV_THREADPOOL_SIZE=${THREADS} ${program} ${streams} ${rest} | ${watch} &`;
}
