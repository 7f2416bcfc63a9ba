/**
 * The commands that the kernel lets programs send to a memory device (`cxl_mem_commands`,
 * `drivers/cxl/core/mbox.c`, 7.2), by the ids of `include/uapi/linux/cxl_mem.h`.
 */
import type { Memdev } from '../objects/memdev.ts';
import { supports } from './device-commands.ts';

/** A payload of any size. */
export const VARIABLE = -1;

export interface KernelCommand {
  readonly id: number;
  readonly opcode: number;
  /** Bytes, or VARIABLE. */
  readonly sizeIn: number;
  readonly sizeOut: number;
}

/** The opcode is the program's own. */
export const RAW_ID = 2;

type Row = readonly [id: number, opcode: number, sizeIn: number, sizeOut: number];

const ROWS: readonly Row[] = [
  [1, 0x4000, 0, 0x43],
  [RAW_ID, 0, VARIABLE, VARIABLE],
  [3, 0x0400, 0, VARIABLE],
  [4, 0x0200, 0, 0x50],
  [5, 0x4100, 0, 0x20],
  [6, 0x4102, 8, VARIABLE],
  [7, 0x4200, 0, 0x12],
  [8, 0x0401, 0x18, VARIABLE],
  [9, 0x4101, 0x0a, 0],
  [10, 0x4103, VARIABLE, 0],
  [11, 0x4201, 0, 0x10],
  [12, 0x4202, 0x0c, 0],
  [13, 0x4203, 0, 1],
  [14, 0x4204, 1, 0],
  [18, 0x4303, 0x10, 4],
  [21, 0x0300, 0, 8],
  [22, 0x0402, 0x10, 4],
  [23, 0x0403, 0x10, 0],
  [24, 0x0405, 2, VARIABLE],
];

const COMMANDS = ROWS.map(
  ([id, opcode, sizeIn, sizeOut]): KernelCommand => ({ id, opcode, sizeIn, sizeOut }),
);

/** Ids from 0 up to the last: what a query counts. Some are no longer in use. */
export const COMMAND_COUNT = Math.max(...COMMANDS.map(({ id }) => id)) + 1;

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

/** Undefined: an id that is not in use. */
export function kernelCommand(id: number): KernelCommand | undefined {
  return BY_ID.get(id);
}

const EXCLUSIVE_OPCODES: ReadonlySet<number> = new Set([0x4103, 0x4204]);

/** The device has the command. */
export function isEnabled({ hardware }: Memdev, { opcode }: KernelCommand): boolean {
  return supports(hardware, opcode);
}

/** The kernel keeps the command to itself. */
export function isExclusive({ servesNvdimm }: Memdev, { opcode }: KernelCommand): boolean {
  return servesNvdimm && EXCLUSIVE_OPCODES.has(opcode);
}
