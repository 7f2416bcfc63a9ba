/**
 * Every request of the FUSE protocol: its number, and how its body and its answer are made up. The trace decodes by
 * this table; the server answers by its own table of handlers, and what has no handler there gets ENOSYS.
 */
import type { Layout } from './layout.ts';
import * as structs from './structs.ts';

/** `enum fuse_opcode` of `include/uapi/linux/fuse.h`. */
export const OPCODE = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  GETLK: 31,
  SETLK: 32,
  SETLKW: 33,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  BMAP: 37,
  DESTROY: 38,
  IOCTL: 39,
  POLL: 40,
  NOTIFY_REPLY: 41,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  READDIRPLUS: 44,
  RENAME2: 45,
  LSEEK: 46,
  COPY_FILE_RANGE: 47,
  SETUPMAPPING: 48,
  REMOVEMAPPING: 49,
  SYNCFS: 50,
  TMPFILE: 51,
  STATX: 52,
} as const;

export type OpcodeName = keyof typeof OPCODE;

/** What follows the structs of a message. */
export type Tail = 'name' | 'two names' | 'data' | 'entries';

export interface MessageShape {
  readonly request?: Layout;
  readonly requestTail?: Tail;
  readonly answer?: Layout;
  readonly answerTail?: Tail;
}

/** Only what is worth printing: an opcode without a row prints its header. */
export const MESSAGES: Readonly<Partial<Record<OpcodeName, MessageShape>>> = {
  LOOKUP: { requestTail: 'name', answer: structs.ENTRY_OUT },
  FORGET: { request: structs.FORGET_IN },
  GETATTR: { request: structs.GETATTR_IN, answer: structs.ATTR_OUT },
  SETATTR: { request: structs.SETATTR_IN, answer: structs.ATTR_OUT },
  READLINK: { answerTail: 'data' },
  SYMLINK: { requestTail: 'two names' },
  MKNOD: { request: structs.MKNOD_IN, requestTail: 'name' },
  MKDIR: { request: structs.MKDIR_IN, requestTail: 'name' },
  UNLINK: { requestTail: 'name' },
  RMDIR: { requestTail: 'name' },
  RENAME: { request: structs.RENAME_IN, requestTail: 'two names' },
  RENAME2: { request: structs.RENAME2_IN, requestTail: 'two names' },
  LINK: { request: structs.LINK_IN, requestTail: 'name' },
  OPEN: { request: structs.OPEN_IN, answer: structs.OPEN_OUT },
  READ: { request: structs.READ_IN, answerTail: 'data' },
  WRITE: { request: structs.WRITE_IN, requestTail: 'data', answer: structs.WRITE_OUT },
  STATFS: { answer: structs.STATFS_OUT },
  RELEASE: { request: structs.RELEASE_IN },
  FSYNC: { request: structs.FSYNC_IN },
  GETXATTR: { request: structs.GETXATTR_IN, requestTail: 'name' },
  LISTXATTR: { request: structs.GETXATTR_IN },
  FLUSH: { request: structs.FLUSH_IN },
  INIT: { request: structs.INIT_IN, answer: structs.INIT_OUT },
  OPENDIR: { request: structs.OPEN_IN, answer: structs.OPEN_OUT },
  READDIR: { request: structs.READ_IN, answerTail: 'entries' },
  RELEASEDIR: { request: structs.RELEASE_IN },
  ACCESS: { request: structs.ACCESS_IN },
  CREATE: { request: structs.CREATE_IN, requestTail: 'name' },
  INTERRUPT: { request: structs.INTERRUPT_IN },
  IOCTL: { request: structs.IOCTL_IN },
  POLL: { request: structs.POLL_IN, answer: structs.POLL_OUT },
  BATCH_FORGET: { request: structs.BATCH_FORGET_IN },
  LSEEK: { request: structs.LSEEK_IN },
};

const NAMES = new Map<number, OpcodeName>(
  Object.entries(OPCODE).map(([name, opcode]) => [opcode, name as OpcodeName]),
);

/** The name of a request, or undefined for one that is newer than this table. */
export function opcodeName(opcode: number): OpcodeName | undefined {
  return NAMES.get(opcode);
}
