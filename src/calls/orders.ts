/**
 * What travels between the machine and the bridge (docs/bridge.md): orders with 24 bytes of header
 * and data behind it; answers to read orders with 4 bytes of length ahead of the data.
 */
import { ERRNO } from '../errno.ts';
import type { MemoryOrder, Result } from './conversation.ts';

export const OPERATION = { read: 1, write: 2, done: 3, continue: 4 } as const;

export const ORDER_HEADER = 24;
export const ANSWER_HEADER = 4;

interface Header {
  readonly operation: number;
  /** Length of data, or an errno. */
  readonly a?: number;
  /** Address, or value. */
  readonly b?: bigint;
}

function encode({ operation, a = 0, b = 0n }: Header, data?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ORDER_HEADER + (data?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, operation, true);
  view.setUint32(4, a, true);
  view.setBigUint64(8, BigInt.asUintN(64, b), true);
  if (data !== undefined) bytes.set(data, ORDER_HEADER);
  return bytes;
}

export function encodeOrder(order: MemoryOrder): Uint8Array {
  if (order.kind === 'read')
    return encode({ operation: OPERATION.read, a: order.length, b: order.address });
  const { address, bytes } = order;
  return encode({ operation: OPERATION.write, a: bytes.length, b: address }, bytes);
}

export function encodeResult(result: Result): Uint8Array {
  switch (result.kind) {
    case 'continue':
      return encode({ operation: OPERATION.continue });
    case 'refused':
      return encode({ operation: OPERATION.done, a: ERRNO[result.errno] });
    case 'done':
      return encode({ operation: OPERATION.done, b: BigInt(result.value) });
  }
}
