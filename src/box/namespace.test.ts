import { expect, test } from 'vitest';
import {
  checkFuseDevice,
  checkOutside,
  isAdministrator,
  unshareArguments,
  unshareError,
} from './namespace.ts';

test.each<[string, boolean]>([
  ['CapEff:\t000001ffffffffff\n', true],
  ['CapEff:\t0000000000200000\n', true],
  ['CapEff:\t00000000a80425fb\n', false],
  ['CapEff:\t0000000000000000\n', false],
  ['', false],
])('%j is an administrator: %s', (status, expected) => {
  expect(isAdministrator(status)).toBe(expected);
});

test.each<[boolean, boolean, string]>([
  [true, true, '--mount --pid --fork --kill-child --'],
  [true, false, '--mount --'],
  [false, true, '--user --map-root-user --mount -- unshare --pid --fork --kill-child --'],
  [false, false, '--user --map-root-user --mount --'],
])(
  'arguments of unshare: administrator %s, process namespace %s',
  (administrator, processNamespace, expected) => {
    expect(unshareArguments(administrator, processNamespace).join(' ')).toBe(expected);
  },
);

test('a missing device and a forbidden one are told apart', () => {
  expect(() => checkFuseDevice('/nonexistent/fuse')).toThrow(
    expect.objectContaining({ code: 'CXLBOX_NO_FUSE' }),
  );
});

test.each([
  [true, 'CXLBOX_NO_NAMESPACE'],
  [false, 'CXLBOX_NO_USERNS'],
])('a failed unshare of an administrator (%s) is %s, with what it said', (administrator, code) => {
  const error = unshareError(administrator, 'unshare: unshare failed: Operation not permitted\n');
  expect(error.code).toBe(code);
  expect(error.message).toContain('unshare failed: Operation not permitted');
  expect(error.remedy).not.toBe('');
});

test.each([
  ['sysfs /sys sysfs rw 0 0\ncxlbox /sys fuse rw 0 0\n', true],
  ['cxlbox /sys fuse rw 0 0\nsysfs /sys sysfs rw 0 0\n', false],
  ['sysfs /sys sysfs rw 0 0\n', false],
  ['', false],
])('%j is in a box: %s', (mounts, inside) => {
  const check = (): void => checkOutside(mounts);
  if (inside) expect(check).toThrow(expect.objectContaining({ code: 'CXLBOX_IN_BOX' }));
  else expect(check).not.toThrow();
});
