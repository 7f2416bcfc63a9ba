// What the set-up says of a host where no box can be opened, before it installs anything.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOX_ERRORS, type BoxErrorCode } from '../../src/box/errors.ts';
import { USERS } from '../box/box-process.ts';
import { ROOT } from '../cxlbox.ts';
import { type Ran, run } from './consumer.ts';

const SETUP = join(ROOT, 'scripts', 'setup.mjs');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-setup-'));
  symlinkSync('/bin/true', join(folder, 'mount'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function textOf(code: BoxErrorCode): string {
  const { what, remedy } = BOX_ERRORS[code];
  return `  ${what}\n    what to do: ${remedy}\n`;
}

/** With a PATH that has `mount` alone. */
function onBarePath(option: string): Ran {
  return run('/usr/bin/env', [`PATH=${folder}`, process.execPath, SETUP, option], ROOT);
}

/** Runs the set-up in a mount namespace of its own that root has prepared by `before`. */
function inNamespace(before: string, as = ''): Ran {
  const script = `${before} && exec ${as} ${process.execPath} ${SETUP} --start`;
  return run('unshare', ['--mount', 'sh', '-c', script], ROOT);
}

const withRoot = it.skipIf(!USERS.includes('root'));

describe('npm start', () => {
  it('ends at once where unshare is missing, with what to do', () => {
    const { status, stderr } = onBarePath('--start');
    expect(status).toBe(125);
    expect(stderr).toContain('no box can be opened on this host:\n');
    expect(stderr).toContain(textOf('CXLBOX_NO_UNSHARE'));
    expect(stderr).not.toContain(BOX_ERRORS.CXLBOX_NO_MOUNT.what);
    expect(stderr).not.toContain('set-up: installing');
  });

  withRoot('ends at once where /dev/fuse is missing', () => {
    const { status, stderr } = inNamespace('mount -t tmpfs none /dev');
    expect(stderr).toContain(textOf('CXLBOX_NO_FUSE'));
    expect(status).toBe(125);
  });

  withRoot('ends at once where /dev/fuse is not permitted', () => {
    const { status, stderr } = inNamespace(
      'mount -t tmpfs none /mnt && mknod -m 600 /mnt/fuse c 10 229 && ' +
        'mount --bind /mnt/fuse /dev/fuse',
      'setpriv --reuid 54321 --regid 54321 --clear-groups',
    );
    expect(stderr).toContain(textOf('CXLBOX_FUSE_ACCESS'));
    expect(status).toBe(125);
  });
});

describe('npm test', () => {
  it('goes on where unshare is missing, and says what is skipped', () => {
    const { status, stderr } = onBarePath('--test');
    expect(stderr).toContain('so tests that open one are skipped:\n');
    expect(stderr).toContain(textOf('CXLBOX_NO_UNSHARE').trimEnd());
    expect(status).toBe(0);
  });
});
