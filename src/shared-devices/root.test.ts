// Which folders count as one of shared devices, by owner and mode.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedDeviceError } from './errors.ts';
import { unmappedUid } from './owner.ts';
import { openRoot } from './root.ts';

const IS_ROOT = process.getuid?.() === 0;
/** A uid that no user of this host has. */
const OTHER = 3_999_998_000 + (process.pid % 999);

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync('/dev/shm/cxlbox-root-');
  root = join(base, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true }));

/** What is said of the folder, and what to do; `opened` if nothing is. */
function verdict(): readonly string[] {
  try {
    openRoot(root)?.close();
    return ['opened'];
  } catch (error) {
    if (error instanceof SharedDeviceError) return [error.message, error.remedy ?? ''];
    throw error;
  }
}

describe('a chosen folder', () => {
  it.each([0o700, 0o755, 0o1777, 0o1775])('of mode %o counts', (mode) => {
    chmodSync(root, mode);
    expect(verdict()).toEqual(['opened']);
  });

  it.each([0o777, 0o775, 0o757, 0o2770])('of mode %o is refused, with what to do', (mode) => {
    chmodSync(root, mode);
    expect(verdict()).toEqual([
      `other users can write to ${root}, and could replace your devices with anything`,
      expect.stringContaining(`chmod go-w ${root}, or set CXLBOX_SHARED to a folder of your own`),
    ]);
  });

  it.skipIf(!IS_ROOT).each([0o700, 0o755, 0o1777])(
    "that is another user's is refused, of mode %o too",
    (mode) => {
      chmodSync(root, mode);
      chownSync(root, OTHER, OTHER);
      expect(verdict()).toEqual([
        `${root} belongs to user ${OTHER}, who could replace your devices with anything`,
        expect.stringContaining('set CXLBOX_SHARED to a folder of your own'),
      ]);
    },
  );

  it('that is a link is refused, even to one that counts', () => {
    const to = join(base, 'to');
    mkdirSync(to);
    rmSync(root, { recursive: true });
    symlinkSync(to, root);
    expect(verdict()).toEqual([
      `${root} exists and is not a folder`,
      expect.stringContaining('if it is a link to a folder, name the folder itself'),
    ]);
  });

  it('that is not there is none', () => {
    rmSync(root, { recursive: true });
    expect(openRoot(root)).toBeUndefined();
  });
});

describe('the uid of users that a namespace does not map', () => {
  it.each<[string, string, string, number | undefined]>([
    ['a box of an ordinary user', '         0       1000          1\n', '65534\n', 65534],
    ['the first namespace', '         0          0 4294967295\n', '65534\n', undefined],
    ['a container without root', '0 1000 1\n1 100000 65536\n', '65534\n', undefined],
    ['a container with few users', '0 1000 1\n1 100000 999\n', '65534\n', 65534],
    ['a host with another overflow uid', '0 1000 1\n', '4000\n', 4000],
    ['a host that does not tell', '0 1000 1\n', '', 65534],
    ['a kernel without namespaces', '', '65534\n', undefined],
  ])('in %s', (_, uidMap, overflowUid, expected) => {
    expect(unmappedUid(uidMap, overflowUid)).toBe(expected);
  });
});
