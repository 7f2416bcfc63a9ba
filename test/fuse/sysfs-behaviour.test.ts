/**
 * sysfs as a program sees it through a mount: the cases run inside a box, the expectations are
 * here.
 */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { sortAsSysfs } from '../../src/kernfs/readdir-order.ts';
import { runBox } from '../box/box-process.ts';
import { BOX_USERS, lacksBox, needs } from '../needs.ts';

const CASES = fileURLToPath(new URL('./sysfs-cases.mjs', import.meta.url));

const KNOB_NAMES = [
  'add',
  'big',
  'blob',
  'broken',
  'busy',
  'number',
  'read_only',
  'remove',
  'secret',
  'state',
  'stored',
  'write_only',
];

const EXPECTED: Readonly<Record<string, unknown>> = {
  'a value ends with a newline': '7\n',
  'a text attribute has the size of a page': 4096,
  'contents are cut below a page': 4095,
  'a binary file is read whole': 200_000,
  'reads go on where the last one ended': ['fi', 'xed\n', ''],
  'a read at 0 shows the new value': ['7\n', '', '8\n'],
  'a read beyond the end is empty': '',
  'junk is EINVAL': 'EINVAL',
  'too large is ERANGE': 'ERANGE',
  'a refusal is its errno': 'EBUSY',
  'a trailing NUL is taken, and counted': [5, '7\n'],
  'an empty write does not reach the attribute': [0, '0 0 ""\n'],
  'one write is one store, whatever the offset': [6, '1 6 "hello\\n"\n'],
  'writev is one store': [4, '2 4 "abcd"\n'],
  'a write beyond a page is short, and Node writes the rest': [5000, `4 904 "${'z'.repeat(20)}"\n`],
  'O_TRUNC and O_APPEND change nothing': ['9\n', 4096, '7\n', 4096],
  'truncate is accepted and ignored': ['7\n', 4096],
  'root too cannot read a write-only attribute': 'EACCES',
  'root too cannot write a read-only attribute': 'EACCES',
  'chmod lasts, and takes the last bit from root too': ['EACCES', '644'],
  'utimes lasts': [1_000_000, 2_000_000],
  'open of a missing name with O_CREAT is EACCES': 'EACCES',
  'open of a present name with O_CREAT works': 'opened',
  'open of a missing name is ENOENT': 'ENOENT',
  'mkdir is EPERM': 'EPERM',
  'unlink is EPERM': 'EPERM',
  'rmdir is EPERM': 'EPERM',
  'rename is EPERM': 'EPERM',
  'link is EPERM': 'EPERM',
  'symlink is EPERM': 'EPERM',
  'fsync works': 'ok',
  'links are relative, and lead there': [
    '../../../devices/platform/knobs',
    '/sys/devices/platform/knobs',
  ],
  'a listing has the order of sysfs': sortAsSysfs(KNOB_NAMES),
  'a listing knows the types': [true],
  'a file appears and disappears without delay': [true, 'extra\n', true, false, false],
  'a file made anew is another file': ['ENODEV', 'ENODEV', 'extra\n'],
  'a fault of the model is EIO': 'EIO',
  'a deep path is followed through links': '7\n',
  'statfs gives the block size': 4096,
};

describe.each(BOX_USERS)('sysfs in a box of $who', needs(lacksBox()), ({ who }) => {
  let results: Record<string, unknown>;

  beforeAll(async () => {
    const { stdout, stderr } = await runBox(who, [process.execPath, CASES]);
    expect(stdout, stderr).toMatch(/^\{/);
    results = JSON.parse(stdout) as Record<string, unknown>;
  });

  test.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    expect(results[name]).toEqual(expected);
  });

  test('has an expectation for each case', () => {
    expect(Object.keys(results)).toEqual(Object.keys(EXPECTED));
  });
});
