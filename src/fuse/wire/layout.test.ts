import { expect, test } from 'vitest';
import { type Layout, layout } from './layout.ts';
import * as structs from './structs.ts';

/** sizeof of the structs of `include/uapi/linux/fuse.h`. */
const SIZES: readonly (readonly [string, Layout, number])[] = [
  ['IN_HEADER', structs.IN_HEADER, 40],
  ['OUT_HEADER', structs.OUT_HEADER, 16],
  ['ATTR', structs.ATTR, 88],
  ['ENTRY_OUT', structs.ENTRY_OUT, 128],
  ['ATTR_OUT', structs.ATTR_OUT, 104],
  ['FORGET_IN', structs.FORGET_IN, 8],
  ['BATCH_FORGET_IN', structs.BATCH_FORGET_IN, 8],
  ['FORGET_ONE', structs.FORGET_ONE, 16],
  ['GETATTR_IN', structs.GETATTR_IN, 16],
  ['SETATTR_IN', structs.SETATTR_IN, 88],
  ['OPEN_IN', structs.OPEN_IN, 8],
  ['OPEN_OUT', structs.OPEN_OUT, 16],
  ['RELEASE_IN', structs.RELEASE_IN, 24],
  ['FLUSH_IN', structs.FLUSH_IN, 24],
  ['FSYNC_IN', structs.FSYNC_IN, 16],
  ['READ_IN', structs.READ_IN, 40],
  ['WRITE_IN', structs.WRITE_IN, 40],
  ['WRITE_OUT', structs.WRITE_OUT, 8],
  ['DIRENT', structs.DIRENT, 24],
  ['POLL_IN', structs.POLL_IN, 24],
  ['POLL_OUT', structs.POLL_OUT, 8],
  ['NOTIFY_POLL_WAKEUP_OUT', structs.NOTIFY_POLL_WAKEUP_OUT, 8],
  ['INTERRUPT_IN', structs.INTERRUPT_IN, 8],
  ['CREATE_IN', structs.CREATE_IN, 16],
  ['MKNOD_IN', structs.MKNOD_IN, 16],
  ['RENAME2_IN', structs.RENAME2_IN, 16],
  ['IOCTL_IN', structs.IOCTL_IN, 32],
  ['LSEEK_IN', structs.LSEEK_IN, 24],
  ['SETXATTR_IN', structs.SETXATTR_IN, 8],
  ['LK_IN', structs.LK_IN, 48],
  ['BMAP_IN', structs.BMAP_IN, 16],
  ['NOTIFY_RETRIEVE_IN', structs.NOTIFY_RETRIEVE_IN, 40],
  ['FALLOCATE_IN', structs.FALLOCATE_IN, 32],
  ['COPY_FILE_RANGE_IN', structs.COPY_FILE_RANGE_IN, 56],
  ['SETUPMAPPING_IN', structs.SETUPMAPPING_IN, 40],
  ['REMOVEMAPPING_IN', structs.REMOVEMAPPING_IN, 4],
  ['SYNCFS_IN', structs.SYNCFS_IN, 8],
  ['STATX_IN', structs.STATX_IN, 24],
];

test.each(SIZES)('%s has the size of the C struct', (_name, shape, size) => {
  expect(shape.size).toBe(size);
});

test('offsets are the sums of the widths before', () => {
  const { at, size } = layout({ a: 'u16', b: 'u16', c: 'u32', d: 'u64' });
  expect([at.a, at.b, at.c, at.d, size]).toEqual([0, 2, 4, 8, 16]);
});

test('every 64-bit field is aligned, so that no struct has hidden padding', () => {
  const shapes = Object.values(structs).filter((shape) => typeof shape !== 'number');
  const misaligned = shapes.flatMap(({ fields }) =>
    fields.filter(({ type, offset }) => type === 'u64' && offset % 8),
  );
  expect(misaligned).toEqual([]);
});
