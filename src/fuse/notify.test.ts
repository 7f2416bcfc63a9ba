import { expect, test } from 'vitest';
import { inodeInvalidation, nameInvalidation } from './notify.ts';

/** struct fuse_out_header { len, error = code, unique = 0 }. */
function header(bytes: Uint8Array): unknown[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return [view.getUint32(0, true), view.getInt32(4, true), view.getBigUint64(8, true)];
}

test('an invalidation of pages names the node by its number, with the range', () => {
  const bytes = Buffer.from(inodeInvalidation(7, 0x2_0000_1000, 4096));
  expect(header(bytes)).toEqual([40, 2, 0n]);
  expect([16, 24, 32].map((at) => bytes.readBigUInt64LE(at))).toEqual([7n, 0x2_0000_1000n, 4096n]);
});

test('an invalidation of a name has the directory, the length and the name', () => {
  const bytes = Buffer.from(nameInvalidation(7, 'dax0.0'));
  expect(header(bytes)).toEqual([39, 3, 0n]);
  const { length } = 'dax0.0';
  expect([bytes.readBigUInt64LE(16), bytes.readUInt32LE(24)]).toEqual([7n, length]);
  expect(bytes.readUInt32LE(28)).toBe(0);
  expect(bytes.toString('latin1', 32)).toBe('dax0.0\0');
});
