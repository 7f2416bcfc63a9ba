/**
 * Flag bits and limits of the FUSE protocol, and the few constants of the system call interface
 * that travel in it.
 */

export const FUSE_MAJOR = 7;
/** The ABI this server speaks; a newer kernel steps down to it. */
export const FUSE_MINOR = 31;
/** Linux 3.15. An older kernel has a shorter fuse_init_out, and is refused. */
export const FUSE_MINOR_OLDEST = 23;

/** INIT: what the kernel offers and the server picks. */
export const INIT_FLAG = {
  /** open(O_TRUNC) arrives as one OPEN, without a SETATTR. */
  ATOMIC_O_TRUNC: 1 << 3,
  BIG_WRITES: 1 << 5,
  PARALLEL_DIROPS: 1 << 18,
  /** `flags2` counts. */
  INIT_EXT: 1 << 30,
} as const;

/** INIT: the bits from 32 on, which travel in `flags2`. */
export const INIT_FLAG2 = {
  /** Files opened with FOPEN_DIRECT_IO can have shared mappings (Linux 6.6). */
  DIRECT_IO_ALLOW_MMAP: 1 << 4,
} as const;

/** Answer to OPEN. */
export const FOPEN_DIRECT_IO = 1 << 0;
export const FOPEN_KEEP_CACHE = 1 << 1;
export const FOPEN_NONSEEKABLE = 1 << 2;
/** No position, and none of the locks around one (Linux 5.2). */
export const FOPEN_STREAM = 1 << 4;

/** READ: made by a program's read(2), with its lock owner; not by the page cache. */
export const FUSE_READ_LOCKOWNER = 1 << 1;
/** WRITE: made by the page cache. */
export const FUSE_WRITE_CACHE = 1 << 0;

/** SETATTR: which fields are to be set. */
export const FATTR = {
  MODE: 1 << 0,
  UID: 1 << 1,
  GID: 1 << 2,
  SIZE: 1 << 3,
  ATIME: 1 << 4,
  MTIME: 1 << 5,
  ATIME_NOW: 1 << 7,
  MTIME_NOW: 1 << 8,
} as const;

/** POLL: a notification is wanted when the state changes. */
export const FUSE_POLL_SCHEDULE_NOTIFY = 1 << 0;
/** `enum fuse_notify_code`: the notifications this server sends. */
export const FUSE_NOTIFY_POLL = 1;
export const FUSE_NOTIFY_INVAL_INODE = 2;
export const FUSE_NOTIFY_INVAL_ENTRY = 3;
export const FUSE_NOTIFY_PRUNE = 9;

export const POLL_MASK = {
  IN: 0x001,
  PRI: 0x002,
  OUT: 0x004,
  ERR: 0x008,
  RDNORM: 0x040,
  WRNORM: 0x100,
} as const;
/** `DEFAULT_POLLMASK`: what a file without an own poll says, and an attribute at all times. */
export const ALWAYS_READY = POLL_MASK.IN | POLL_MASK.OUT | POLL_MASK.RDNORM | POLL_MASK.WRNORM;

export const OPEN_FLAG = { ACCMODE: 0o3, WRONLY: 0o1, RDWR: 0o2, TRUNC: 0o1000 } as const;

/** File type bits of st_mode, and their `d_type` (the same bits shifted by 12). */
export const FILE_TYPE = { directory: 0o040000, file: 0o100000, link: 0o120000 } as const;
export const MODE_BITS = 0o7777;

export const ROOT_NODE_ID = 1;
/**
 * Larger than a page, so that a write beyond a page arrives whole and is answered short, as sysfs
 * does.
 */
export const MAX_WRITE = 128 * 1024;
/**
 * A request buffer must hold the largest WRITE with its headers; the kernel insists on at least 8
 * KiB.
 */
export const REQUEST_BUFFER_SIZE = MAX_WRITE + 4096;
