/**
 * One request and its answer as views over two buffers that live as long as the server: a request
 * allocates nothing.
 *
 * Numbers are in the byte order of the host. 64-bit fields are JS numbers: handles, node ids and
 * sizes stay below 2^53; what may use all 64 bits (`unique`, poll handles) is copied as two words
 * and never looked at.
 */
import { IN_HEADER, OUT_HEADER } from './structs.ts';

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const WORD = 2 ** 32;
const LOW = LITTLE_ENDIAN ? 0 : 4;
const HIGH = 4 - LOW;

/** A 64-bit value that is only passed on. */
export interface Opaque64 {
  readonly low: number;
  readonly high: number;
}

export class Message {
  readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly header: number;
  length = 0;

  /** `header`: the size of the header; offsets given to the accessors count from behind it. */
  constructor(bytes: Buffer, header: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.header = header;
  }

  u32(offset: number): number {
    return this.view.getUint32(this.header + offset, LITTLE_ENDIAN);
  }

  i32(offset: number): number {
    return this.view.getInt32(this.header + offset, LITTLE_ENDIAN);
  }

  u16(offset: number): number {
    return this.view.getUint16(this.header + offset, LITTLE_ENDIAN);
  }

  /**
   * Above 2^53 not every number can be told: for what the kernel got from this server, or only
   * checks a limit of.
   */
  u64(offset: number): number {
    return this.u32(offset + HIGH) * WORD + this.u32(offset + LOW);
  }

  i64(offset: number): number {
    return this.i32(offset + HIGH) * WORD + this.u32(offset + LOW);
  }

  opaque64(offset: number): Opaque64 {
    return { low: this.u32(offset + LOW), high: this.u32(offset + HIGH) };
  }

  setU32(offset: number, value: number): void {
    this.view.setUint32(this.header + offset, value, LITTLE_ENDIAN);
  }

  setI32(offset: number, value: number): void {
    this.view.setInt32(this.header + offset, value, LITTLE_ENDIAN);
  }

  setU16(offset: number, value: number): void {
    this.view.setUint16(this.header + offset, value, LITTLE_ENDIAN);
  }

  setU64(offset: number, value: number): void {
    this.setU32(offset + LOW, value >>> 0);
    this.setU32(offset + HIGH, Math.floor(value / WORD));
  }

  setOpaque64(offset: number, value: Opaque64): void {
    this.setU32(offset + LOW, value.low);
    this.setU32(offset + HIGH, value.high);
  }

  /** `size` bytes as a byte string. */
  text(offset: number, size: number): string {
    const start = this.header + offset;
    return this.bytes.toString('latin1', start, Math.min(start + size, this.length));
  }

  /** The bytes up to a NUL or the end of the message. */
  name(offset: number): string {
    const start = this.header + offset;
    const end = this.bytes.indexOf(0, start);
    return this.bytes.toString('latin1', start, end < 0 || end > this.length ? this.length : end);
  }

  setText(offset: number, text: string): void {
    this.bytes.write(text, this.header + offset, 'latin1');
  }

  /** `size` bytes as they lie: valid until the next request. */
  data(offset: number, size: number): Buffer {
    const start = this.header + offset;
    return this.bytes.subarray(start, start + size);
  }

  /** Bytes behind the header. */
  get bodySize(): number {
    return this.length - this.header;
  }
}

/** Header fields as offsets before the body. */
const STATED_LENGTH_AT = IN_HEADER.at.len - IN_HEADER.size;
const OPCODE_AT = IN_HEADER.at.opcode - IN_HEADER.size;
const NODE_ID_AT = IN_HEADER.at.nodeid - IN_HEADER.size;
const UNIQUE_AT = IN_HEADER.at.unique - IN_HEADER.size;
const LEN_AT = OUT_HEADER.at.len - OUT_HEADER.size;
const ERROR_AT = OUT_HEADER.at.error - OUT_HEADER.size;
const REPLY_UNIQUE_AT = OUT_HEADER.at.unique - OUT_HEADER.size;

export class Request extends Message {
  constructor(bytes: Buffer) {
    super(bytes, IN_HEADER.size);
  }

  get opcode(): number {
    return this.u32(OPCODE_AT);
  }

  /** What the header says that the length is. */
  get statedLength(): number {
    return this.u32(STATED_LENGTH_AT);
  }

  /** The last byte is the end of a name. */
  get endsWithNul(): boolean {
    return this.bytes[this.length - 1] === 0;
  }

  get nodeId(): number {
    return this.u64(NODE_ID_AT);
  }

  /** The number that pairs an answer with its request; for printing only. */
  get unique(): number {
    return this.u64(UNIQUE_AT);
  }

  /** The two words of `unique`, as they lie. */
  uniqueWord(index: 0 | 1): number {
    return this.u32(UNIQUE_AT + 4 * index);
  }
}

export class Reply extends Message {
  constructor(bytes: Buffer) {
    super(bytes, OUT_HEADER.size);
  }

  /** Zeroed room for a body of fixed size: handlers set only what is not zero. */
  body(size: number): void {
    this.setBodySize(size);
    this.bytes.fill(0, OUT_HEADER.size, this.length);
  }

  /** For a body that is text or entries, already written. */
  setBodySize(size: number): void {
    this.length = OUT_HEADER.size + size;
  }

  /** Room for a body. */
  get capacity(): number {
    return this.bytes.length - OUT_HEADER.size;
  }

  /** Completes the header of the answer to `request`. `error`: 0 or a negative errno. */
  finish(request: Request, error: number): void {
    this.setU32(LEN_AT, this.length);
    this.setI32(ERROR_AT, error);
    this.setU32(REPLY_UNIQUE_AT, request.uniqueWord(0));
    this.setU32(REPLY_UNIQUE_AT + 4, request.uniqueWord(1));
  }

  /**
   * Completes the header of a message that answers nothing; `code` takes the place of the error.
   */
  finishNotification(code: number): void {
    this.setU32(LEN_AT, this.length);
    this.setI32(ERROR_AT, code);
    this.setU64(REPLY_UNIQUE_AT, 0);
  }
}
