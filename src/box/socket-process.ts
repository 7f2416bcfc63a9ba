/**
 * The process that serves the sockets of a box, a client of its /sys like any program inside. Its
 * argument is SharedMemory as JSON; it says a line when it listens, and ends when its standard
 * input does. Descriptor WITNESS closes when it ends.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { SharedMemory } from '../media/shared-memory.ts';
import { withSocketPath } from '../shared-devices/index.ts';
import { HostClient } from '../sysfs-client/host-client.ts';
import { serveSysfs } from '../sysfs-client/sysfs-server.ts';
import { messageOf } from './errors.ts';
import { WITNESS } from './protocol.ts';
import { ignoreDebugger, outliveTerminalSignals } from './signals.ts';
import { complain } from './standard-error.ts';

/** An orderly exit would wait for what the pool asks the machine. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** The sockets go with this process and, in the folders, with the box's host. */
async function listen({ root, host, devices }: SharedMemory): Promise<void> {
  // While a request waits for the machine, the others are read and answered.
  const client = new HostClient({ pooled: true });
  for (const { name } of devices)
    await withSocketPath(root, name, host, (path) => serveSysfs(client, path));
}

/**
 * Dies with this thread, and says so: it alone has the descriptor then. Of this process nothing
 * would tell while a thread of it waits for the machine, which no signal ends.
 */
function startWitness(): void {
  const args = ['--pdeathsig', 'KILL', '--', '/bin/sh', '-c', 'read -r end'];
  spawn('setpriv', args, { stdio: ['pipe', 'ignore', 'ignore', WITNESS] }).on('error', end);
  closeSync(WITNESS);
}

/** The program. `keepCode`: as of src/code-cache. */
export function run(keepCode: () => void): void {
  outliveTerminalSignals();
  ignoreDebugger();
  startWitness();
  process.stdin.on('close', end).resume();
  listen(JSON.parse(process.argv[3] ?? '')).then(
    () => {
      process.stdout.write('listening\n');
      keepCode();
    },
    (error: unknown) => {
      complain(`cxlbox: the sockets of the box: ${messageOf(error)}`);
      process.exitCode = 1;
      end();
    },
  );
}
