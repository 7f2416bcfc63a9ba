import { expect, test } from 'vitest';
import { KernfsFile } from '../kernfs/node.ts';
import { invalidationMessage } from './dax-handlers.ts';

const node = new KernfsFile('dax0.0', 0o600, {});

test('an invalidation names the node by its number, with the range', () => {
  const bytes = invalidationMessage({ node, offset: 0x2_0000_1000, length: 4096 }, () => 7);
  const view = new DataView(Uint8Array.from(bytes ?? []).buffer);
  // struct fuse_out_header { len, error = code, unique = 0 }, struct fuse_notify_inval_inode_out.
  expect([view.getUint32(0, true), view.getInt32(4, true), view.getBigUint64(8, true)]).toEqual([
    40,
    2,
    0n,
  ]);
  expect([16, 24, 32].map((at) => view.getBigUint64(at, true))).toEqual([
    7n,
    0x2_0000_1000n,
    4096n,
  ]);
});

test('a node that the kernel does not hold needs none', () => {
  expect(invalidationMessage({ node, offset: 0, length: 0 }, () => undefined)).toBeUndefined();
});
