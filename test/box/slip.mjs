/**
 * Preloaded into the processes of a box: its first one slips at SIGUSR2, or the thread with the machine as soon as the file
 * SLIP_WHEN is there; SLIP names the way.
 */
import { existsSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

function slip() {
  throw new Error('a slip');
}

const { SLIP, SLIP_WHEN } = process.env;

if (isMainThread && process.argv[1]?.endsWith('init.js')) {
  if (SLIP === 'exception') process.once('SIGUSR2', slip);
  if (SLIP === 'rejection') process.once('SIGUSR2', async () => slip());
}

// That thread looks at its timers only now and then, between requests.
if (workerData?.spec !== undefined && SLIP === 'thread')
  setInterval(() => {
    if (existsSync(SLIP_WHEN)) slip();
  }, 1);
