import { expect, test } from 'vitest';
import { hostParts, mountPointsBelow, writableProcEntries } from './host-parts.ts';
import { STAGE } from './mount-table.ts';

const MOUNTINFO = [
  '1 0 0:1 / / rw - ext4 x rw',
  '2 1 0:2 / /sys/a rw - tmpfs x rw',
  '3 2 0:3 / /sys/a/b\\040c rw - tmpfs x rw',
  '4 1 0:4 / /sys/ab rw - tmpfs x rw',
].join('\n');

test.each([
  ['/sys/a', ['/sys/a', '/sys/a/b c']],
  ['/sys/ab', ['/sys/ab']],
  ['/none', ['/none']],
])('what is mounted at and below %s', (path, points) => {
  expect(mountPointsBelow(path, MOUNTINFO)).toEqual(points);
});

test('directories of /proc that are no process, and files that may be written to', () => {
  const entries = writableProcEntries();
  expect(entries).toContain('sys');
  expect(entries.filter((name) => /^\d+$|^(self|mounts|uptime|version)$/.test(name))).toEqual([]);
});

test('the host shows as it is, or read-only with the rest of /proc', () => {
  const parts = { directories: ['kernel/mm/hugepages'], procFiles: ['irq'] };
  expect(hostParts({ ...parts, readOnly: false })).toEqual([
    {
      source: '/sys/kernel/mm/hugepages',
      target: `${STAGE}/fuse/sys/kernel/mm/hugepages`,
      type: 'none',
      options: 'rbind',
    },
  ]);
  const mounts = hostParts({ ...parts, readOnly: true });
  expect(mounts.filter(({ options }) => !options.startsWith('bind,ro'))).toEqual([]);
  const targets = mounts.map(({ target }) => target);
  expect(targets).toContain('/proc/sys');
  expect(targets).not.toContain('/proc/irq');
});
