import { expect, test } from 'vitest';
import { ATTRIBUTES_ONLY, inodeInvalidation } from './notify.ts';

/** struct fuse_out_header { len, error = code, unique = 0 }, struct fuse_notify_inval_inode_out. */
function decode(bytes: Uint8Array): unknown[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const header = [view.getUint32(0, true), view.getInt32(4, true), view.getBigUint64(8, true)];
  return [...header, ...[16, 24, 32].map((at) => view.getBigInt64(at, true))];
}

test.each<[string, number, number, unknown[]]>([
  ['a range of pages', 0x2_0000_1000, 4096, [40, 2, 0n, 7n, 0x2_0000_1000n, 4096n]],
  ['attributes and no pages', ATTRIBUTES_ONLY, 0, [40, 2, 0n, 7n, -1n, 0n]],
])('an invalidation of %s', (_what, offset, length, expected) => {
  expect(decode(inodeInvalidation(7, offset, length))).toEqual(expected);
});
