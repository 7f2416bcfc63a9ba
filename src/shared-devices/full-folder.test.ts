// File systems that cannot be written: small ones and read-only ones, in a mount namespace of their
// own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacksRoot, needs } from '../../test/needs.ts';

const DIST = new URL('../../dist/shared-devices/', import.meta.url);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-full-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the module text prints, as JSON, with a tmpfs of those mount options at `folder`. */
function on(options: string, script: string): unknown {
  const mount = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"';
  const node = [process.execPath, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', mount, 'sh', options, folder, ...node],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const PRELUDE = `
  import { mkdirSync, openSync, readFileSync, writeSync, ftruncateSync, fstatSync } from 'node:fs';
  import { makeHostFile, readHost, writeHost } from '${DIST}host-file.js';
  import { attachHost } from '${DIST}attachment.js';
  import { Directory } from '${DIST}directory.js';
  const attempt = (work) => { try { work(); return 'done'; } catch (error) { return error.code + ' ' + error.message; } };
  const fill = (free) => {
    const file = openSync(FOLDER + '/filler', 'w');
    const page = Buffer.alloc(4096, 1);
    attempt(() => { for (;;) writeSync(file, page); });
    ftruncateSync(file, fstatSync(file).size - free * 4096);
  };
  const claims = (count) => Array.from({ length: count }, (_, at) => ({ dax: 'dax0.' + at, start: at, end: at + 1 }));
`;

describe('a full file system', needs(lacksRoot()), () => {
  // Pages that are left: none, and less than the record needs, so that a part of it could be
  // written.
  it.each([0, 1])('leaves the record of a host as it was: %i pages left', (free) => {
    const seen = on(
      'size=256k',
      `const FOLDER = '${folder}'; ${PRELUDE}
      mkdirSync(FOLDER + '/hosts');
      const device = Directory.open(FOLDER);
      makeHostFile(device, 'one', '0000:0d:00.0');
      writeHost(device, 'one', { pci: '0000:0d:00.0', claims: claims(2) });
      const before = readFileSync(FOLDER + '/hosts/one', 'latin1');
      fill(${free});
      const large = attempt(() => writeHost(device, 'one', { pci: '0000:0d:00.0', claims: claims(400) }));
      const after = readFileSync(FOLDER + '/hosts/one', 'latin1');
      const small = attempt(() => writeHost(device, 'one', { pci: '0000:0d:00.0', claims: claims(3) }));
      const { length } = readHost(device, 'one').claims;
      console.log(JSON.stringify({ large, same: before === after, small, length }));`,
    );
    expect(seen).toEqual({
      large: expect.stringContaining('ENOSPC'),
      same: true,
      small: 'done',
      length: 3,
    });
  });

  it('is told as such to who attaches, with what to do, and nothing is left of it', () => {
    const seen = on(
      'size=256k',
      `const FOLDER = '${folder}'; ${PRELUDE}
      import { existsSync } from 'node:fs';
      fill(0);
      let refused;
      const device = { name: 'pool', pci: '0000:0d:00.0', partitions: { ram: 4096, pmem: 0, dynamic_ram_a: 0 } };
      try { attachHost(FOLDER, [device]); } catch ({ code, message, remedy }) { refused = { code, message, remedy }; }
      console.log(JSON.stringify({ ...refused, left: existsSync(FOLDER + '/pool') }));`,
    );
    expect(seen).toEqual({
      code: 'CXLBOX_SHARED_FOLDER',
      message: expect.stringContaining('no space is left: ENOSPC'),
      remedy: expect.stringContaining('give the tmpfs more space'),
      left: false,
    });
  });
});

it('a read-only file system is told as such', needs(lacksRoot()), () => {
  const seen = on(
    'ro',
    `const FOLDER = '${folder}'; ${PRELUDE}
    const device = { name: 'pool', pci: '0000:0d:00.0', partitions: { ram: 4096, pmem: 0, dynamic_ram_a: 0 } };
    console.log(JSON.stringify([FOLDER, FOLDER + '/root'].map((root) => attempt(() => attachHost(root, [device])))));`,
  );
  expect(seen).toEqual(Array(2).fill(expect.stringMatching(/^CXLBOX_SHARED_FOLDER EROFS: /)));
});
