/**
 * The dispatch of one request: bytes in, bytes out. It touches no file descriptor, so tests drive
 * it directly, and it never throws: what a handler throws becomes the errno of the answer.
 */
import { ERRNO, isKernelError } from '../errno.ts';
import type { Invalidation } from './dax-memory.ts';
import { handlerOf } from './handlers.ts';
import type { SendLate } from './late-answers.ts';
import { inodeInvalidation, type Notify } from './notify.ts';
import { NodePruner } from './prune.ts';
import { type Outcome, type ServerOptions, Session } from './session.ts';
import { traceNotification, traceReply, traceRequest } from './trace.ts';
import { REQUEST_BUFFER_SIZE } from './wire/flags.ts';
import { Reply, Request } from './wire/message.ts';
import { opcodeName } from './wire/opcodes.ts';
import { isWellFormed, wantsAnswer } from './wire/request-check.ts';
import { IN_HEADER } from './wire/structs.ts';

const COMMON_ANSWER = 4096;
/** Most answers have nothing to wait for: they allocate nothing. */
const NONE: readonly never[] = [];

export class FuseServer {
  /** Requests are read into this buffer; `dispatch` then takes their length. */
  readonly input = Buffer.alloc(REQUEST_BUFFER_SIZE);
  private readonly request = new Request(this.input);
  private readonly reply = new Reply(Buffer.alloc(REQUEST_BUFFER_SIZE));
  private readonly views: Uint8Array[] = [];
  private readonly session: Session;
  private readonly pruner: NodePruner;
  private readonly options: ServerOptions;

  constructor(options: ServerOptions, send: Notify) {
    this.options = options;
    const notify: Notify = (message) => {
      options.trace?.(traceNotification(message));
      return send(message);
    };
    this.session = new Session(options, notify);
    this.pruner = new NodePruner(this.session.nodes, notify);
  }

  /** To be called now and then, between requests: asks the kernel to drop what it holds in vain. */
  prune(): void {
    this.pruner.run();
  }

  /**
   * Serves the request of `length` bytes in `input`. Returns the answer, valid until the next call,
   * or undefined if the request wants none. A malformed request is EINVAL, without a look at its
   * body.
   */
  dispatch(length: number): Uint8Array | undefined {
    if (length < IN_HEADER.size) return undefined;
    this.request.length = length;
    const wellFormed = isWellFormed(this.request);
    this.options.trace?.(traceRequest(this.request, wellFormed));
    this.passTime();
    this.reply.setBodySize(0);
    const outcome = wellFormed ? this.handle() : 'EINVAL';
    if (!wantsAnswer(this.request.opcode)) return undefined;
    if (outcome !== 'ok') this.reply.setBodySize(0);
    this.reply.finish(this.request, outcome === 'ok' ? 0 : -ERRNO[outcome]);
    this.options.trace?.(traceReply(this.request, this.reply));
    return this.answer(this.reply.length);
  }

  /**
   * Hands over an answer that has to wait: for what has to reach the kernel before, or for a time
   * that its write owes. False: the answer is to be sent as usual.
   */
  deliver(answer: Uint8Array | undefined): boolean {
    const { sendLate } = this.options;
    if (sendLate === undefined) return false;
    this.armPollers(sendLate);
    const delay = this.options.takeDelay?.() ?? 0;
    const names = this.session.leases?.takeMessages() ?? NONE;
    const pages = this.options.memory?.takeInvalidations() ?? NONE;
    if (names.length === 0 && pages.length === 0 && delay === 0) return false;
    const notifications = [...names, ...this.pageMessages(pages)];
    for (const message of notifications) this.options.trace?.(traceNotification(message));
    sendLate({ notifications, last: answer, delay });
    return true;
  }

  /** Of files that the kernel holds. */
  private pageMessages(invalid: readonly Invalidation[]): readonly Uint8Array[] {
    return invalid.flatMap(({ node, offset, length }) => {
      const held = this.session.nodes.heldOf(node);
      return held === undefined ? [] : [inodeInvalidation(held.id, offset, length)];
    });
  }

  /** What is due by now happens before the request is served. */
  private passTime(): void {
    try {
      if (this.options.passTime?.()) this.session.polls.wakeRemoved();
    } catch (error) {
      this.options.fault?.(error, 'delayed work');
    }
  }

  /** Has pollers woken when work is due, since no other request may come before. */
  private armPollers(sendLate: SendLate): void {
    const due = this.options.nextDue?.();
    if (due === undefined) return;
    this.session.polls.wakeAt(due, (last) =>
      sendLate({ notifications: NONE, last, delay: due.milliseconds }),
    );
  }

  /** Most answers have one of a few lengths: their views of the buffer are made once. */
  private answer(length: number): Uint8Array {
    if (length > COMMON_ANSWER) return this.reply.bytes.subarray(0, length);
    this.views[length] ??= this.reply.bytes.subarray(0, length);
    return this.views[length];
  }

  private handle(): Outcome {
    const { opcode } = this.request;
    try {
      return handlerOf(opcode)(this.session, this.request, this.reply);
    } catch (error) {
      if (isKernelError(error)) return error.errno;
      this.options.fault?.(error, opcodeName(opcode) ?? `opcode ${opcode}`);
      return 'EIO';
    }
  }

  /** Nodes, files and directories that the kernel holds. */
  get held(): { nodes: number; files: number; directories: number } {
    const { nodes, files, memoryFiles, directories } = this.session;
    return {
      nodes: nodes.size,
      files: files.size + memoryFiles.size,
      directories: directories.size,
    };
  }
}
