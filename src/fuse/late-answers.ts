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
 * The thread of an open FUSE device. It ends with the caller's thread, and reads /proc when it
 * starts, which must not be the one that its own process serves.
 */
export class LateAnswers {
  private readonly device: number;
  private started: { readonly worker: Worker; readonly running: Promise<unknown> } | undefined;

  constructor(device: number) {
    this.device = device;
  }

  /** Starts the thread, if it has not been started. Resolves when it runs. */
  async start(): Promise<void> {
    await this.thread().running;
  }

  /** Starts the thread if that is still to be done: this one answer then waits for it too. */
  readonly send: SendLate = ({ notifications, last, delay }) => {
    const copy = last === undefined ? undefined : Uint8Array.from(last);
    this.thread().worker.postMessage({ notifications, last: copy, delay } satisfies LateAnswer);
  };

  private thread(): NonNullable<LateAnswers['started']> {
    this.started ??= this.startThread();
    return this.started;
  }

  private startThread(): NonNullable<LateAnswers['started']> {
    const program = new URL('./late-answers-thread.js', import.meta.url);
    const workerData: LateThreadData = { device: this.device };
    // It prints nothing. Without these Node connects its streams to those of the process, which makes
    // them non-blocking: the command and its caller have the same.
    const streams = { stdout: true, stderr: true };
    const worker = new Worker(program, { workerData, ...streams });
    worker.unref();
    return { worker, running: once(worker, 'message') };
  }
}
