/**
 * The thread that sends invalidations, each write of which lasts until the serving thread has taken
 * the dirty pages, and answers that come late.
 */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { LateAnswer, LateThreadData } from './late-answers.ts';

/** The longest time that a timer takes. */
const LONGEST = 2 ** 31 - 1;

/**
 * How long a message is repeated, and how often. The node comes with the next step of a thread that
 * was interrupted in the kernel; if the kernel has forgotten it, it never comes.
 */
const PATIENCE_MILLISECONDS = 100;
const REPEAT_MILLISECONDS = 1;

/**
 * False: the kernel has no such node. Other refusals are of a mount that is gone, or an asker, and
 * all is well.
 */
function send(device: number, message: Uint8Array): boolean {
  try {
    writeSync(device, message);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code !== 'ENOENT';
  }
}

async function sendRepeated(device: number, messages: readonly Uint8Array[]): Promise<void> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  let left = messages;
  while (left.length > 0 && performance.now() < end) {
    left = left.filter((message) => !send(device, message));
    if (left.length > 0) await setTimeout(REPEAT_MILLISECONDS);
  }
}

/** Not before `due`: a timer may be early by a part of a millisecond. */
async function sleepUntil(due: number): Promise<void> {
  for (let left = due - performance.now(); left > 0; left = due - performance.now())
    await setTimeout(Math.min(Math.ceil(left), LONGEST));
}

async function sendLate(device: number, late: LateAnswer): Promise<void> {
  const due = performance.now() + late.delay;
  for (const message of late.notifications) send(device, message);
  await sendRepeated(device, late.repeated);
  await sleepUntil(due);
  if (late.answer !== undefined) send(device, late.answer);
}

const { device } = workerData as LateThreadData;
parentPort?.on('message', (late: LateAnswer) => void sendLate(device, late));
parentPort?.postMessage('started');
