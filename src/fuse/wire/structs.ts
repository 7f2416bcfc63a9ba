/**
 * The structs of the FUSE protocol, kernel ABI 7.31 and later (`include/uapi/linux/fuse.h`, named
 * as there).
 */
import { layout } from './layout.ts';

export const IN_HEADER = layout({
  len: 'u32',
  opcode: 'u32',
  unique: 'u64',
  nodeid: 'u64',
  uid: 'u32',
  gid: 'u32',
  pid: 'u32',
  total_extlen: 'u16',
  padding: 'u16',
});

export const OUT_HEADER = layout({ len: 'u32', error: 'i32', unique: 'u64' });

const ATTR_SHAPE = {
  ino: 'u64',
  size: 'u64',
  blocks: 'u64',
  atime: 'u64',
  mtime: 'u64',
  ctime: 'u64',
  atimensec: 'u32',
  mtimensec: 'u32',
  ctimensec: 'u32',
  mode: 'u32',
  nlink: 'u32',
  uid: 'u32',
  gid: 'u32',
  rdev: 'u32',
  blksize: 'u32',
  flags: 'u32',
} as const;

export const ATTR = layout(ATTR_SHAPE);

const ENTRY_HEAD = {
  nodeid: 'u64',
  generation: 'u64',
  entry_valid: 'u64',
  attr_valid: 'u64',
  entry_valid_nsec: 'u32',
  attr_valid_nsec: 'u32',
} as const;

/** Where the struct fuse_attr inside fuse_entry_out begins. */
export const ENTRY_OUT_ATTR = layout(ENTRY_HEAD).size;
export const ENTRY_OUT = layout({ ...ENTRY_HEAD, ...ATTR_SHAPE });

const ATTR_OUT_HEAD = { attr_valid: 'u64', attr_valid_nsec: 'u32', dummy: 'u32' } as const;

/** Where the struct fuse_attr inside fuse_attr_out begins. */
export const ATTR_OUT_ATTR = layout(ATTR_OUT_HEAD).size;
export const ATTR_OUT = layout({ ...ATTR_OUT_HEAD, ...ATTR_SHAPE });

export const INIT_IN = layout({
  major: 'u32',
  minor: 'u32',
  max_readahead: 'u32',
  flags: 'u32',
  flags2: 'u32',
});

const INIT_OUT_USED = {
  major: 'u32',
  minor: 'u32',
  max_readahead: 'u32',
  flags: 'u32',
  max_background: 'u16',
  congestion_threshold: 'u16',
  max_write: 'u32',
  time_gran: 'u32',
  max_pages: 'u16',
  map_alignment: 'u16',
  flags2: 'u32',
} as const;

export const INIT_OUT = layout(INIT_OUT_USED);
/** sizeof(struct fuse_init_out) since ABI 7.23: the named fields, then zeros. */
export const INIT_OUT_SIZE = 64;

export const FORGET_IN = layout({ nlookup: 'u64' });
export const BATCH_FORGET_IN = layout({ count: 'u32', dummy: 'u32' });
export const FORGET_ONE = layout({ nodeid: 'u64', nlookup: 'u64' });
export const GETATTR_IN = layout({ getattr_flags: 'u32', dummy: 'u32', fh: 'u64' });

export const SETATTR_IN = layout({
  valid: 'u32',
  padding: 'u32',
  fh: 'u64',
  size: 'u64',
  lock_owner: 'u64',
  atime: 'u64',
  mtime: 'u64',
  ctime: 'u64',
  atimensec: 'u32',
  mtimensec: 'u32',
  ctimensec: 'u32',
  mode: 'u32',
  unused4: 'u32',
  uid: 'u32',
  gid: 'u32',
  unused5: 'u32',
});

export const OPEN_IN = layout({ flags: 'u32', open_flags: 'u32' });
export const OPEN_OUT = layout({ fh: 'u64', open_flags: 'u32', backing_id: 'i32' });
export const RELEASE_IN = layout({
  fh: 'u64',
  flags: 'u32',
  release_flags: 'u32',
  lock_owner: 'u64',
});
export const FLUSH_IN = layout({ fh: 'u64', unused: 'u32', padding: 'u32', lock_owner: 'u64' });
export const FSYNC_IN = layout({ fh: 'u64', fsync_flags: 'u32', padding: 'u32' });

const TRANSFER_IN = {
  fh: 'u64',
  offset: 'u64',
  size: 'u32',
  transfer_flags: 'u32',
  lock_owner: 'u64',
  flags: 'u32',
  padding: 'u32',
} as const;

/** READ and READDIR; `transfer_flags` is `read_flags` there. */
export const READ_IN = layout(TRANSFER_IN);
/** `transfer_flags` is `write_flags` in the header file. */
export const WRITE_IN = layout(TRANSFER_IN);
export const WRITE_OUT = layout({ size: 'u32', padding: 'u32' });
export const DIRENT = layout({ ino: 'u64', off: 'u64', namelen: 'u32', type: 'u32' });

export const STATFS_OUT = layout({
  blocks: 'u64',
  bfree: 'u64',
  bavail: 'u64',
  files: 'u64',
  ffree: 'u64',
  bsize: 'u32',
  namelen: 'u32',
  frsize: 'u32',
  padding: 'u32',
});
/** sizeof(struct fuse_statfs_out): the named fields, then six spare words. */
export const STATFS_OUT_SIZE = 80;

export const POLL_IN = layout({ fh: 'u64', kh: 'u64', flags: 'u32', events: 'u32' });
export const POLL_OUT = layout({ revents: 'u32', padding: 'u32' });
export const NOTIFY_POLL_WAKEUP_OUT = layout({ kh: 'u64' });
export const NOTIFY_PRUNE_OUT = layout({ count: 'u32', padding: 'u32', spare: 'u64' });
/** A `len` of 0: up to the end. */
export const NOTIFY_INVAL_INODE_OUT = layout({ ino: 'u64', off: 'u64', len: 'u64' });
/** The name follows, with its NUL. */
export const NOTIFY_INVAL_ENTRY_OUT = layout({ parent: 'u64', namelen: 'u32', flags: 'u32' });
export const INTERRUPT_IN = layout({ unique: 'u64' });

// Requests that this server refuses or does not know: their sizes tell what is malformed.

export const ACCESS_IN = layout({ mask: 'u32', padding: 'u32' });
export const CREATE_IN = layout({ flags: 'u32', mode: 'u32', umask: 'u32', open_flags: 'u32' });
export const MKNOD_IN = layout({ mode: 'u32', rdev: 'u32', umask: 'u32', padding: 'u32' });
export const MKDIR_IN = layout({ mode: 'u32', umask: 'u32' });
export const RENAME_IN = layout({ newdir: 'u64' });
export const RENAME2_IN = layout({ newdir: 'u64', flags: 'u32', padding: 'u32' });
export const LINK_IN = layout({ oldnodeid: 'u64' });
/** Without what FUSE_SETXATTR_EXT adds, which this server does not ask for. */
export const SETXATTR_IN = layout({ size: 'u32', flags: 'u32' });
export const GETXATTR_IN = layout({ size: 'u32', padding: 'u32' });
export const IOCTL_IN = layout({
  fh: 'u64',
  flags: 'u32',
  cmd: 'u32',
  arg: 'u64',
  in_size: 'u32',
  out_size: 'u32',
});
export const LSEEK_IN = layout({ fh: 'u64', offset: 'u64', whence: 'u32', padding: 'u32' });

export const LK_IN = layout({
  fh: 'u64',
  owner: 'u64',
  start: 'u64',
  end: 'u64',
  type: 'u32',
  pid: 'u32',
  lk_flags: 'u32',
  padding: 'u32',
});
export const BMAP_IN = layout({ block: 'u64', blocksize: 'u32', padding: 'u32' });
export const NOTIFY_RETRIEVE_IN = layout({
  dummy1: 'u64',
  offset: 'u64',
  size: 'u32',
  dummy2: 'u32',
  dummy3: 'u64',
  dummy4: 'u64',
});
export const FALLOCATE_IN = layout({
  fh: 'u64',
  offset: 'u64',
  length: 'u64',
  mode: 'u32',
  padding: 'u32',
});
export const COPY_FILE_RANGE_IN = layout({
  fh_in: 'u64',
  off_in: 'u64',
  nodeid_out: 'u64',
  fh_out: 'u64',
  off_out: 'u64',
  len: 'u64',
  flags: 'u64',
});
export const SETUPMAPPING_IN = layout({
  fh: 'u64',
  foffset: 'u64',
  len: 'u64',
  flags: 'u64',
  moffset: 'u64',
});
export const REMOVEMAPPING_IN = layout({ count: 'u32' });
export const SYNCFS_IN = layout({ padding: 'u64' });
export const STATX_IN = layout({
  getattr_flags: 'u32',
  reserved: 'u32',
  fh: 'u64',
  sx_flags: 'u32',
  sx_mask: 'u32',
});
