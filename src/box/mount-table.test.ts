import { expect, test } from 'vitest';
import { bind, fstab, fuse, STAGE, viewMounts, WAITING_SYS } from './mount-table.ts';

test('a table has a line for each mount, with blanks and backslashes in octal', () => {
  expect(fstab([bind('/a b', '/c\\d'), fuse(3)])).toBe(
    '/a\\040b /c\\134d none rbind 0 0\n' +
      'cxlbox /sys/bus/fuse fuse fd=3,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other 0 0\n',
  );
});

test('the /sys of the box is mounted last, since it covers the stage of all others', () => {
  const host = [bind('/sys/x', `${STAGE}/fuse/sys/x`)];
  const targets = viewMounts({ procFiles: ['cmdline'], devFolders: [], nodes: [], host }).map(
    ({ target }) => target,
  );
  expect(targets[0]).toBe(`${STAGE}/fuse/sys/x`);
  expect(targets).toContain('/proc/cmdline');
  expect(targets.indexOf('/dev')).toBe(targets.length - 2);
  expect(targets.at(-1)).toBe(WAITING_SYS);
});

test('a /proc file that the host does not have is left out', () => {
  const mounts = viewMounts({ procFiles: ['no-such-file'], devFolders: [], nodes: [], host: [] });
  expect(mounts.map(({ target }) => target)).not.toContain('/proc/no-such-file');
});
