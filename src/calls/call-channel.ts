/**
 * One open `cxlbox/calls`: a bridge writes a call, then reads orders and writes answers until an
 * order says how the call ends. One call at a time; orders come together until one needs an answer.
 */
import { KernelError } from '../errno.ts';
import type { FileStream } from '../kernfs/node.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Conversation } from './conversation.ts';
import { ANSWER_HEADER, encodeOrder, encodeResult } from './orders.ts';
import { CALL_SIZE, parseCall, type SystemCall } from './system-call.ts';

/** How a call is answered. */
export type Answerer = (call: SystemCall) => Conversation;

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const CHUNK = 8192;

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

export class CallChannel implements FileStream {
  private readonly answerer: Answerer;
  private readonly closed: () => void;
  private readonly arrived = new ByteQueue();
  private readonly orders = new ByteQueue();
  /** The call that is being answered. */
  private conversation: Conversation | undefined;
  /** Bytes that its last read order asked for. */
  private asked = 0;

  constructor(answerer: Answerer, closed: () => void) {
    this.answerer = answerer;
    this.closed = closed;
  }

  /**
   * A call or an answer, or a part of one. EINVAL: an answer of more bytes than were asked for. That,
   * and what goes wrong with the machine, ends the call.
   */
  write(text: string): number {
    this.arrived.push(bytesOf(text));
    try {
      while (this.serveNext());
    } catch (error) {
      this.drop();
      throw error;
    }
    return text.length;
  }

  /** EAGAIN: it is the bridge's turn to write. */
  read(size: number): string {
    if (this.orders.length === 0) throw new KernelError('EAGAIN', 'no orders: no call is answered');
    return textOf(this.orders.take(size));
  }

  close(): void {
    this.drop();
    this.closed();
  }

  private drop(): void {
    this.conversation = undefined;
    this.arrived.clear();
    this.orders.clear();
  }

  /** False: what has arrived is not enough. */
  private serveNext(): boolean {
    if (this.conversation === undefined) {
      if (this.arrived.length < CALL_SIZE) return false;
      this.conversation = this.answerer(parseCall(this.arrived.take(CALL_SIZE)));
      this.converse(this.conversation);
      return true;
    }
    if (this.arrived.length < ANSWER_HEADER) return false;
    const header = this.arrived.peek(ANSWER_HEADER);
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
    if (length > this.asked)
      throw new KernelError('EINVAL', `an answer of ${length} bytes, ${this.asked} were asked for`);
    if (this.arrived.length < ANSWER_HEADER + length) return false;
    this.arrived.take(ANSWER_HEADER);
    this.converse(this.conversation, this.arrived.take(length));
    return true;
  }

  /** Goes on until an order needs an answer, or the call has its result. */
  private converse(conversation: Conversation, answer: Uint8Array = new Uint8Array(0)): void {
    try {
      let step = conversation.next(answer);
      while (step.done !== true) {
        this.orders.push(encodeOrder(step.value));
        if (step.value.kind === 'read') {
          this.asked = step.value.length;
          return;
        }
        step = conversation.next(new Uint8Array(0));
      }
      this.orders.push(encodeResult(step.value));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.orders.push(encodeResult({ kind: 'refused', errno: error.errno }));
    }
    this.conversation = undefined;
  }
}
