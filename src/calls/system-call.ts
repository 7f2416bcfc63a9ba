/**
 * A system call that a program of a box made, and that its bridge holds until it is answered.
 */

/** Numbers as on x86-64, whatever the processor: the bridge translates. */
export const SYSTEM_CALL = { ioctl: 16 } as const;

export interface SystemCall {
  /** What the bridge knows the call by. */
  readonly id: bigint;
  /** The calling thread, as the first process of the box numbers it. */
  readonly pid: number;
  readonly number: number;
  readonly arguments: readonly bigint[];
}

const ARGUMENTS = 6;
/** Id u64, pid s32, number s32, six arguments u64. */
export const CALL_SIZE = 16 + ARGUMENTS * 8;

/** `bytes` hold a whole call. */
export function parseCall(bytes: Uint8Array): SystemCall {
  const view = new DataView(bytes.buffer, bytes.byteOffset, CALL_SIZE);
  return {
    id: view.getBigUint64(0, true),
    pid: view.getInt32(8, true),
    number: view.getInt32(12, true),
    arguments: Array.from({ length: ARGUMENTS }, (_, index) =>
      view.getBigUint64(16 + index * 8, true),
    ),
  };
}
