/**
 * Pollers that sleep in the kernel until an attribute is notified, and the message that wakes them.
 *
 * A wake-up only marks the poll handle in the kernel, which then asks again: it takes no lock of a
 * file or directory, so the serving thread may send it in the middle of a request.
 */
import type { OpenFile } from '../kernfs/open-file.ts';
import type { Notify } from './notify.ts';
import { FUSE_NOTIFY_POLL } from './wire/flags.ts';
import { type Opaque64, Reply } from './wire/message.ts';
import { NOTIFY_POLL_WAKEUP_OUT, OUT_HEADER } from './wire/structs.ts';

interface Watch {
  readonly pollHandle: Opaque64;
  readonly unwatch: () => void;
  /** When a wake-up is on its way, in the time of the tree. */
  wakesAt: number;
}

/** Something that happens by itself. */
export interface Due {
  /** In the time of the tree. */
  readonly at: number;
  /** Until then. */
  readonly milliseconds: number;
}

export class PollWatchers {
  private readonly watches = new Map<OpenFile, Watch>();
  private readonly message = new Reply(Buffer.alloc(OUT_HEADER.size + NOTIFY_POLL_WAKEUP_OUT.size));
  private readonly notify: Notify;

  constructor(notify: Notify) {
    this.notify = notify;
  }

  /**
   * Wakes the poller once at the next notification; a poller that asks again replaces its watch.
   */
  watch(open: OpenFile, pollHandle: Opaque64): void {
    this.drop(open);
    const unwatch = open.file.watch(() => this.wake(open));
    this.watches.set(open, { pollHandle, unwatch, wakesAt: Number.POSITIVE_INFINITY });
  }

  drop(open: OpenFile): void {
    this.watches.get(open)?.unwatch();
    this.watches.delete(open);
  }

  /** Wakes the pollers of files that were removed, as kernfs does when it drains them. */
  wakeRemoved(): void {
    for (const open of this.watches.keys()) if (!open.file.active) this.wake(open);
  }

  /**
   * Every poller is to ask again when something happens by itself, since no request may come that
   * lets it happen. `sendLater` takes the messages; those that were given before are left out. The
   * bytes of one are valid until it returns.
   */
  wakeAt({ at }: Due, sendLater: (message: Uint8Array) => void): void {
    for (const watch of this.watches.values()) {
      if (watch.wakesAt <= at) continue;
      watch.wakesAt = at;
      sendLater(this.wakeUp(watch));
    }
  }

  private wake(open: OpenFile): void {
    const watch = this.watches.get(open);
    if (watch === undefined) return;
    this.drop(open);
    this.notify(this.wakeUp(watch));
  }

  private wakeUp({ pollHandle }: Watch): Uint8Array {
    this.message.body(NOTIFY_POLL_WAKEUP_OUT.size);
    this.message.setOpaque64(NOTIFY_POLL_WAKEUP_OUT.at.kh, pollHandle);
    this.message.finishNotification(FUSE_NOTIFY_POLL);
    return this.message.bytes;
  }
}
