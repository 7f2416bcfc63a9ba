/**
 * The thread that sends invalidations: each write of one lasts until the serving thread has taken the dirty pages.
 */
import { writeSync } from 'node:fs';
import { parentPort, Worker, workerData } from 'node:worker_threads';

interface Delivery {
  readonly notifications: readonly Uint8Array[];
  readonly answer: Uint8Array | undefined;
}

interface NotifierData {
  readonly notifierDevice: number;
}

function isNotifierData(data: unknown): data is NotifierData {
  return typeof data === 'object' && data !== null && 'notifierDevice' in data;
}

/** The node may be forgotten meanwhile, the asker or the mount gone: then there is nobody to tell. */
function send(device: number, message: Uint8Array): void {
  try {
    writeSync(device, message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** Starts the thread for an open FUSE device; returns `deliver` of MemoryFiles. */
export function startNotifier(
  device: number,
): (notifications: readonly Uint8Array[], answer: Uint8Array | undefined) => void {
  const worker = new Worker(new URL(import.meta.url), { workerData: { notifierDevice: device } });
  worker.unref();
  return (notifications, answer) => {
    const copy = answer === undefined ? undefined : Uint8Array.from(answer);
    worker.postMessage({ notifications, answer: copy } satisfies Delivery);
  };
}

if (isNotifierData(workerData)) {
  const { notifierDevice } = workerData;
  parentPort?.on('message', ({ notifications, answer }: Delivery) => {
    for (const message of notifications) send(notifierDevice, message);
    if (answer !== undefined) send(notifierDevice, answer);
  });
}
