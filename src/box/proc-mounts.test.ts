import { expect, test } from 'vitest';
import { missingEntries } from './proc-mounts.ts';

test.each<[string, string[]]>([
  ['', ['debugfs', 'tracefs']],
  ['debugfs /sys/kernel/debug debugfs rw 0 0\n', ['tracefs']],
  ['x /debugfs tmpfs rw 0 0\nt /t tracefs rw 0 0\n', ['debugfs']],
  ['none /d debugfs rw 0 0\nnone /t tracefs rw 0 0\n', []],
])('%j lacks %j', (mounts, expected) => {
  expect(missingEntries(mounts).map(({ type }) => type)).toEqual(expected);
});
