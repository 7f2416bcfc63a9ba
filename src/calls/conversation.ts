/**
 * How a surface answers a system call: it asks for the caller's memory and gives it new contents,
 * one order after the other, and ends with the result. It is written as if it could wait.
 */
import { type Errno, KernelError } from '../errno.ts';

export interface ReadOrder {
  readonly kind: 'read';
  readonly address: bigint;
  readonly length: number;
}

export interface WriteOrder {
  readonly kind: 'write';
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export type MemoryOrder = ReadOrder | WriteOrder;

export type Result =
  | { readonly kind: 'done'; readonly value: number }
  | { readonly kind: 'refused'; readonly errno: Errno }
  /** The kernel of the host does the call. */
  | { readonly kind: 'continue' };

export const CONTINUE: Result = { kind: 'continue' };

export function done(value: number): Result {
  return { kind: 'done', value };
}

/** A part of a conversation, which gives T. A read order is answered with what could be read. */
export type Talk<T> = Generator<MemoryOrder, T, Uint8Array>;

/** May throw KernelError: the call fails with its errno. */
export type Conversation = Talk<Result>;

/** copy_from_user(). EFAULT: not all of it is mapped. */
export function* readMemory(address: bigint, length: number): Talk<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const bytes = yield { kind: 'read', address, length };
  if (bytes.length === length) return bytes;
  throw new KernelError('EFAULT', `${length} bytes at 0x${address.toString(16)} cannot be read`);
}

/**
 * copy_to_user(). If the memory cannot be written the call fails with EFAULT, whatever its result;
 * what it did stays done.
 */
export function* writeMemory(address: bigint, bytes: Uint8Array): Talk<void> {
  if (bytes.length > 0) yield { kind: 'write', address, bytes };
}
