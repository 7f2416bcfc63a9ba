/**
 * Answers that cannot be sent at once, since a notification has to reach the kernel first, or since
 * a fault delays them; and wake-ups of pollers for a later time. A second thread sends them
 * (`late-answers-thread.ts`), so that requests are served meanwhile.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface LateAnswer {
  /**
   * Sent first, one after the other. The kernel may take long over one: until it has got the dirty
   * pages.
   */
  readonly notifications: readonly Uint8Array[];
  /** The answer, or a wake-up. */
  readonly last: Uint8Array | undefined;
  /** Milliseconds until the last one goes, at least. */
  readonly delay: number;
}

/**
 * Takes over the sending. The bytes of the last message are copied: they are valid until the call
 * returns.
 */
export type SendLate = (late: LateAnswer) => void;

export interface LateThreadData {
  /** The open FUSE device. */
  readonly device: number;
}

/**
 * Starts the thread for an open FUSE device, which ends with the caller's thread. Resolves when it
 * has started: to be called before anything is mounted, since a thread that starts reads /proc,
 * which must not be the one that its own process serves.
 */
export async function startLateAnswers(device: number): Promise<SendLate> {
  const thread = new URL('./late-answers-thread.js', import.meta.url);
  const worker = new Worker(thread, { workerData: { device } satisfies LateThreadData });
  worker.unref();
  await once(worker, 'message');
  return ({ notifications, last, delay }) => {
    const copy = last === undefined ? undefined : Uint8Array.from(last);
    worker.postMessage({ notifications, last: copy, delay } satisfies LateAnswer);
  };
}
