/**
 * The thread that sends invalidations: each write of one lasts until the serving thread has taken the dirty pages.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Delivery, NotifierData } from './dax-notifier.ts';

/** The node may be forgotten meanwhile, the asker or the mount gone: then there is nobody to tell. */
function send(device: number, message: Uint8Array): void {
  try {
    writeSync(device, message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

const { device } = workerData as NotifierData;
parentPort?.on('message', ({ notifications, answer }: Delivery) => {
  for (const message of notifications) send(device, message);
  if (answer !== undefined) send(device, answer);
});
