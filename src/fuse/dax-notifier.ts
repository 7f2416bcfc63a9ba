/**
 * Starts the thread that sends invalidations (`dax-notifier-thread.ts`).
 */
import { Worker } from 'node:worker_threads';

export interface Delivery {
  readonly notifications: readonly Uint8Array[];
  /** The answer that was held back until the notifications are delivered. */
  readonly answer: Uint8Array | undefined;
}

export interface NotifierData {
  /** The open FUSE device. */
  readonly device: number;
}

/** Starts the thread for an open FUSE device; returns `deliver` of MemoryFiles. */
export function startNotifier(
  device: number,
): (notifications: readonly Uint8Array[], answer: Uint8Array | undefined) => void {
  const thread = new URL('./dax-notifier-thread.js', import.meta.url);
  const worker = new Worker(thread, { workerData: { device } satisfies NotifierData });
  worker.unref();
  return (notifications, answer) => {
    const copy = answer === undefined ? undefined : Uint8Array.from(answer);
    worker.postMessage({ notifications, answer: copy } satisfies Delivery);
  };
}
