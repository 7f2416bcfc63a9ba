import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inFolder, SharedDeviceError } from './errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-errors-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const OWN = process.getuid?.() ?? 0;

/** What becomes of a failed open(2) of a file in the folder, for a user. */
function failure(code: string, uid: number): SharedDeviceError {
  const path = join(folder, 'hidden', 'lock');
  const message = `${code}: open '${path}'`;
  try {
    inFolder(() => {
      throw Object.assign(new Error(message), { code, syscall: 'open', path });
    }, uid);
  } catch (error) {
    if (error instanceof SharedDeviceError) return error;
    throw error;
  }
  throw new Error('nothing thrown');
}

it.each(['EACCES', 'EPERM'])('%s in the folder of another user says whose it is', (code) => {
  const { message, remedy } = failure(code, OWN + 1);
  expect(message).toContain(
    `only boxes of one user can share devices, and ${folder} belongs to user ${OWN}: ${code}`,
  );
  expect(remedy).toContain('as one user');
});

it.each([
  ['EACCES', OWN],
  ['ENOTDIR', OWN + 1],
])('%s of user %i is told as it is', (code, uid) => {
  const { message, remedy } = failure(code, uid);
  expect(message).toMatch(new RegExp(`^${code}: open `));
  expect(remedy).toBeUndefined();
});

it.each(['ENOSPC', 'EDQUOT'])('%s has advice of its own', (code) => {
  expect(failure(code, OWN).remedy).toContain('more space');
});

it('what is no system call is a bug, and thrown on', () => {
  const bug = new TypeError('a bug');
  expect(() =>
    inFolder(() => {
      throw bug;
    }),
  ).toThrow(bug);
});
