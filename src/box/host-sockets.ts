/**
 * Lets programs that may enter the folders of a box's shared devices read and write its /sys,
 * as programs inside do: a fabric manager outside has no other way to it.
 *
 * A process of its own answers (socket-process.ts), in the view of the command: what it asks the
 * machine it may wait for as long as it takes, and it holds nothing that keeps the mount.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SharedMemory } from '../media/shared-memory.ts';
import type { View } from './box-view.ts';
import { dyingWithBox } from './command.ts';
import { BoxError } from './errors.ts';
import { type BoxSpec, WITNESS } from './protocol.ts';
import { spawnFailure } from './spawn-failure.ts';

/**
 * One slow write takes one thread of the process until it is done; the others are served meanwhile.
 */
const THREADS = '32';

/**
 * Resolves when the sockets are there. `lost` is called when they no longer are, which ends the
 * box.
 */
export function listen(
  spec: BoxSpec,
  shared: SharedMemory,
  view: View,
  lost: (error: BoxError) => void,
): Promise<void> {
  const module = fileURLToPath(new URL('./socket-process.js', import.meta.url));
  const node = [process.execPath, module, JSON.stringify(shared)];
  const [program = '', ...args] = view.enter(dyingWithBox(spec, node));
  const child = spawn(program, args, {
    // It ends when its standard input does.
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREADS },
  });
  child.on('error', (error) => lost(spawnFailure(error, 'CXLBOX_NO_UNSHARE')));
  // Its end is seen only by who reads.
  child.stdio[WITNESS]?.on('data', () => {});
  child.stdio[WITNESS]?.on('close', () =>
    lost(new BoxError('CXLBOX_LOST', 'the process that serves its sockets ended')),
  );
  return new Promise((listening) => child.stdout?.once('data', () => listening()));
}
