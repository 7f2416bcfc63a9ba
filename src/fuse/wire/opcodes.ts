/**
 * Every request of the FUSE protocol in one table: its number, how its body and its answer are made
 * up, and whether it is answered at all. The length check (`request-check.ts`) and the trace are
 * driven by it; the server answers by its own table of handlers, and what has no handler there gets
 * ENOSYS.
 */
import type { Layout } from './layout.ts';
import * as structs from './structs.ts';

/** What follows the struct of a message. */
export type Tail = 'name' | 'two names' | 'data' | 'entries';

export interface MessageShape {
  /** `enum fuse_opcode` of `include/uapi/linux/fuse.h`. */
  readonly opcode: number;
  readonly request?: Layout;
  /**
   * How much of the struct every kernel sends, where older ABIs have a shorter one. Absent: all of
   * it.
   */
  readonly least?: number;
  readonly requestTail?: Tail;
  /** The field at this offset counts items of this many bytes, which follow the struct. */
  readonly counted?: { readonly at: number; readonly size: number };
  readonly answer?: Layout;
  readonly answerTail?: Tail;
  /**
   * The kernel waits for no answer, and takes one for an answer to something else: it is never
   * sent, not even an errno.
   */
  readonly unanswered?: true;
}

const BYTES = 1;

const TABLE = {
  LOOKUP: { opcode: 1, requestTail: 'name', answer: structs.ENTRY_OUT },
  FORGET: { opcode: 2, request: structs.FORGET_IN, unanswered: true },
  GETATTR: { opcode: 3, request: structs.GETATTR_IN, answer: structs.ATTR_OUT },
  SETATTR: { opcode: 4, request: structs.SETATTR_IN, answer: structs.ATTR_OUT },
  READLINK: { opcode: 5, answerTail: 'data' },
  SYMLINK: { opcode: 6, requestTail: 'two names' },
  MKNOD: { opcode: 8, request: structs.MKNOD_IN, requestTail: 'name' },
  MKDIR: { opcode: 9, request: structs.MKDIR_IN, requestTail: 'name' },
  UNLINK: { opcode: 10, requestTail: 'name' },
  RMDIR: { opcode: 11, requestTail: 'name' },
  RENAME: { opcode: 12, request: structs.RENAME_IN, requestTail: 'two names' },
  LINK: { opcode: 13, request: structs.LINK_IN, requestTail: 'name' },
  OPEN: { opcode: 14, request: structs.OPEN_IN, answer: structs.OPEN_OUT },
  READ: { opcode: 15, request: structs.READ_IN, answerTail: 'data' },
  WRITE: {
    opcode: 16,
    request: structs.WRITE_IN,
    requestTail: 'data',
    counted: { at: structs.WRITE_IN.at.size, size: BYTES },
    answer: structs.WRITE_OUT,
  },
  STATFS: { opcode: 17, answer: structs.STATFS_OUT },
  RELEASE: { opcode: 18, request: structs.RELEASE_IN },
  FSYNC: { opcode: 20, request: structs.FSYNC_IN },
  SETXATTR: { opcode: 21, request: structs.SETXATTR_IN },
  GETXATTR: { opcode: 22, request: structs.GETXATTR_IN, requestTail: 'name' },
  LISTXATTR: { opcode: 23, request: structs.GETXATTR_IN },
  REMOVEXATTR: { opcode: 24, requestTail: 'name' },
  FLUSH: { opcode: 25, request: structs.FLUSH_IN },
  INIT: {
    opcode: 26,
    request: structs.INIT_IN,
    least: structs.INIT_IN.at.flags2,
    answer: structs.INIT_OUT,
  },
  OPENDIR: { opcode: 27, request: structs.OPEN_IN, answer: structs.OPEN_OUT },
  READDIR: { opcode: 28, request: structs.READ_IN, answerTail: 'entries' },
  RELEASEDIR: { opcode: 29, request: structs.RELEASE_IN },
  FSYNCDIR: { opcode: 30, request: structs.FSYNC_IN },
  GETLK: { opcode: 31, request: structs.LK_IN },
  SETLK: { opcode: 32, request: structs.LK_IN },
  SETLKW: { opcode: 33, request: structs.LK_IN },
  ACCESS: { opcode: 34, request: structs.ACCESS_IN },
  CREATE: { opcode: 35, request: structs.CREATE_IN, requestTail: 'name' },
  INTERRUPT: { opcode: 36, request: structs.INTERRUPT_IN, unanswered: true },
  BMAP: { opcode: 37, request: structs.BMAP_IN },
  DESTROY: { opcode: 38 },
  IOCTL: {
    opcode: 39,
    request: structs.IOCTL_IN,
    counted: { at: structs.IOCTL_IN.at.in_size, size: BYTES },
  },
  POLL: { opcode: 40, request: structs.POLL_IN, answer: structs.POLL_OUT },
  NOTIFY_REPLY: { opcode: 41, request: structs.NOTIFY_RETRIEVE_IN, unanswered: true },
  BATCH_FORGET: {
    opcode: 42,
    request: structs.BATCH_FORGET_IN,
    counted: { at: structs.BATCH_FORGET_IN.at.count, size: structs.FORGET_ONE.size },
    unanswered: true,
  },
  FALLOCATE: { opcode: 43, request: structs.FALLOCATE_IN },
  READDIRPLUS: { opcode: 44, request: structs.READ_IN },
  RENAME2: { opcode: 45, request: structs.RENAME2_IN, requestTail: 'two names' },
  LSEEK: { opcode: 46, request: structs.LSEEK_IN },
  COPY_FILE_RANGE: { opcode: 47, request: structs.COPY_FILE_RANGE_IN },
  SETUPMAPPING: { opcode: 48, request: structs.SETUPMAPPING_IN },
  REMOVEMAPPING: { opcode: 49, request: structs.REMOVEMAPPING_IN },
  SYNCFS: { opcode: 50, request: structs.SYNCFS_IN },
  TMPFILE: { opcode: 51, request: structs.CREATE_IN },
  STATX: { opcode: 52, request: structs.STATX_IN },
} as const satisfies Readonly<Record<string, MessageShape>>;

export type OpcodeName = keyof typeof TABLE;

export const MESSAGES: Readonly<Record<OpcodeName, MessageShape>> = TABLE;

const ROWS = Object.entries(MESSAGES) as readonly [OpcodeName, MessageShape][];

export const OPCODE = Object.fromEntries(
  ROWS.map(([name, { opcode }]) => [name, opcode]),
) as Readonly<Record<OpcodeName, number>>;

/** The least number above all opcodes: the length of tables by opcode. */
export const OPCODE_END = 1 + Math.max(...Object.values(OPCODE));

const NAMES = new Map<number, OpcodeName>(ROWS.map(([name, { opcode }]) => [opcode, name]));

/** The name of a request, or undefined for one that is newer than this table. */
export function opcodeName(opcode: number): OpcodeName | undefined {
  return NAMES.get(opcode);
}
