/**
 * Payloads of mailbox commands: numbers at fixed places, little endian.
 */
export class Payload {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** Reads and writes `bytes` themselves, not a copy. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static ofSize(size: number): Payload {
    return new Payload(new Uint8Array(size));
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.view.getUint8(at);
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  /** Signed. */
  s16(at: number): number {
    return this.view.getInt16(at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  /** Signed. */
  s32(at: number): number {
    return this.view.getInt32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + length)).replace(/\0.*$/s, '');
  }

  setU8(at: number, value: number): this {
    this.view.setUint8(at, value);
    return this;
  }

  setU16(at: number, value: number): this {
    this.view.setUint16(at, value, true);
    return this;
  }

  setU32(at: number, value: number): this {
    this.view.setUint32(at, value, true);
    return this;
  }

  setU64(at: number, value: bigint): this {
    this.view.setBigUint64(at, value, true);
    return this;
  }

  setText(at: number, text: string): this {
    for (let index = 0; index < text.length; index += 1)
      this.bytes[at + index] = text.charCodeAt(index);
    return this;
  }

  setBytes(at: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, at);
    return this;
  }
}

/** What a command without an answer answers. */
export const NOTHING = Payload.ofSize(0);
