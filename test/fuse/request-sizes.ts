/**
 * What a well-formed request is, by `include/uapi/linux/fuse.h`. Tests compare the server with
 * this; its own table is not asked.
 */

/** sizeof(struct fuse_in_header). */
export const HEADER = 40;

export const UNANSWERED: ReadonlySet<string> = new Set([
  'FORGET',
  'INTERRUPT',
  'NOTIFY_REPLY',
  'BATCH_FORGET',
]);

/** Bytes behind the header that each request has at least. */
export const LEAST: readonly (readonly [name: string, opcode: number, bytes: number])[] = [
  ['LOOKUP', 1, 1],
  ['FORGET', 2, 8],
  ['GETATTR', 3, 16],
  ['SETATTR', 4, 88],
  ['SYMLINK', 6, 2],
  ['MKNOD', 8, 17],
  ['MKDIR', 9, 9],
  ['UNLINK', 10, 1],
  ['RMDIR', 11, 1],
  ['RENAME', 12, 10],
  ['LINK', 13, 9],
  ['OPEN', 14, 8],
  ['READ', 15, 40],
  ['WRITE', 16, 40],
  ['RELEASE', 18, 24],
  ['FSYNC', 20, 16],
  ['SETXATTR', 21, 8],
  ['GETXATTR', 22, 9],
  ['LISTXATTR', 23, 8],
  ['REMOVEXATTR', 24, 1],
  ['FLUSH', 25, 24],
  ['INIT', 26, 16],
  ['OPENDIR', 27, 8],
  ['READDIR', 28, 40],
  ['RELEASEDIR', 29, 24],
  ['FSYNCDIR', 30, 16],
  ['GETLK', 31, 48],
  ['SETLK', 32, 48],
  ['SETLKW', 33, 48],
  ['ACCESS', 34, 8],
  ['CREATE', 35, 17],
  ['INTERRUPT', 36, 8],
  ['BMAP', 37, 16],
  ['IOCTL', 39, 32],
  ['POLL', 40, 24],
  ['NOTIFY_REPLY', 41, 40],
  ['BATCH_FORGET', 42, 8],
  ['FALLOCATE', 43, 32],
  ['READDIRPLUS', 44, 40],
  ['RENAME2', 45, 18],
  ['LSEEK', 46, 24],
  ['COPY_FILE_RANGE', 47, 56],
  ['SETUPMAPPING', 48, 40],
  ['REMOVEMAPPING', 49, 4],
  ['SYNCFS', 50, 8],
  ['TMPFILE', 51, 16],
  ['STATX', 52, 24],
];

/** Requests without a body. */
const BARE: readonly (readonly [name: string, opcode: number, bytes: number])[] = [
  ['READLINK', 5, 0],
  ['STATFS', 17, 0],
  ['DESTROY', 38, 0],
];

interface Rule {
  readonly name: string;
  readonly least: number;
}

const RULES: ReadonlyMap<number, Rule> = new Map(
  [...LEAST, ...BARE].map(([name, opcode, least]) => [opcode, { name, least }]),
);

/** The structs in front of the names. */
const NAMED: Readonly<Record<string, readonly [before: number, names: number]>> = {
  LOOKUP: [0, 1],
  SYMLINK: [0, 2],
  MKNOD: [16, 1],
  MKDIR: [8, 1],
  UNLINK: [0, 1],
  RMDIR: [0, 1],
  RENAME: [8, 2],
  LINK: [8, 1],
  GETXATTR: [8, 1],
  REMOVEXATTR: [0, 1],
  CREATE: [16, 1],
  RENAME2: [16, 2],
};

/** Where the body has a count of items that follow the struct, and their size. */
const COUNTED: Readonly<Record<string, readonly [before: number, at: number, size: number]>> = {
  WRITE: [40, 16, 1],
  IOCTL: [32, 24, 1],
  BATCH_FORGET: [8, 0, 16],
};

/** `none`: the message is no request, or one that takes no answer. */
export type Expected = 'none' | 'EINVAL' | 'ENOSYS' | 'served';

function isWhole({ name, least }: Rule, body: Buffer): boolean {
  if (body.length < least) return false;
  const [before, names] = NAMED[name] ?? [0, 0];
  const nuls = body.subarray(before).filter((byte) => byte === 0).length;
  if (names > 0 && (nuls < names || body.at(-1) !== 0)) return false;
  const counted = COUNTED[name];
  return (
    counted === undefined || body.readUInt32LE(counted[1]) * counted[2] <= body.length - counted[0]
  );
}

/** True if the server may do what the request says. */
export function isWellFormed(message: Buffer): boolean {
  if (message.length < HEADER || message.readUInt32LE(0) !== message.length) return false;
  const rule = RULES.get(message.readUInt32LE(4));
  return rule !== undefined && isWhole(rule, message.subarray(HEADER));
}

/** How the server must answer. */
export function expectedAnswer(message: Buffer): Expected {
  if (message.length < HEADER) return 'none';
  const rule = RULES.get(message.readUInt32LE(4));
  if (rule === undefined) return message.readUInt32LE(0) === message.length ? 'ENOSYS' : 'EINVAL';
  if (UNANSWERED.has(rule.name)) return 'none';
  return isWellFormed(message) ? 'served' : 'EINVAL';
}
