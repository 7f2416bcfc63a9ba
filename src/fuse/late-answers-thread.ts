/**
 * The thread that sends invalidations, each write of which lasts until the serving thread has taken
 * the dirty pages, and what is to be sent later.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { LateAnswer, LateThreadData } from './late-answers.ts';

/** The longest time that a timer takes. */
const LONGEST = 2 ** 31 - 1;

/**
 * The node may be forgotten by now, or the asker or the mount gone: the kernel then refuses, and
 * all is well.
 */
function send(device: number, message: Uint8Array): void {
  try {
    writeSync(device, message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** Not before `due`: a timer may be early by a part of a millisecond. */
function sendAt(device: number, message: Uint8Array, due: number): void {
  const left = due - performance.now();
  if (left <= 0) send(device, message);
  else setTimeout(() => sendAt(device, message, due), Math.min(Math.ceil(left), LONGEST));
}

const { device } = workerData as LateThreadData;
parentPort?.on('message', ({ notifications, last, delay }: LateAnswer) => {
  const due = performance.now() + delay;
  for (const message of notifications) send(device, message);
  if (last !== undefined) sendAt(device, last, due);
});
parentPort?.postMessage('started');
