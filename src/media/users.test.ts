import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacksRoot, needs } from '../../test/needs.ts';
import { isInUse } from './users.ts';

let folder: string;
let file: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync('/dev/shm/cxlbox-users-');
  file = join(folder, 'media');
  writeFileSync(file, 'contents');
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

/** Runs shell text until the test is done; resolves when it has printed a line. */
async function start(script: string, program = 'sh', args: readonly string[] = []): Promise<void> {
  const child = spawn(program, [...args, ...(program === 'sh' ? [] : ['sh']), '-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
}

const HOLD = 'echo held; read never';

describe('a file that a program has open or mapped', () => {
  it('is not one that no process has, nor one that this process has', () => {
    expect(isInUse(file, '/dev/dax0.0')).toBe(false);
    const own = openSync(file, 'r');
    expect(isInUse(file, '/dev/dax0.0')).toBe(false);
    closeSync(own);
  });

  it('is in use by its own name', async () => {
    await start(`exec 3< ${file}; ${HOLD}`);
    expect(isInUse(file, '/dev/dax0.0')).toBe(true);
  });

  it('is in use by the name of a hard link, also when that is gone', async () => {
    const link = join(folder, 'link');
    linkSync(file, link);
    await start(`exec 3< ${link}; rm ${link}; ${HOLD}`);
    expect(isInUse(file, '/dev/dax0.0')).toBe(true);
  });

  it('is not another file of the same folder', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, '');
    await start(`exec 3< ${other}; ${HOLD}`);
    expect(isInUse(file, '/dev/dax0.0')).toBe(false);
  });

  // A program maps itself, and has itself not open.
  it.each(['media', 'link'])('is in use if it is mapped as %s', async (name) => {
    copyFileSync('/bin/sh', file);
    linkSync(file, join(folder, 'link'));
    const child = spawn(join(folder, name), ['-c', HOLD], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    expect(isInUse(file, '/dev/dax0.0')).toBe(true);
  });

  it(
    'is in use where it is mounted in a namespace of the program',
    needs(lacksRoot()),
    async () => {
      const elsewhere = join(folder, 'elsewhere');
      writeFileSync(elsewhere, '');
      await start(`mount --bind ${file} ${elsewhere} && exec 3< ${elsewhere}; ${HOLD}`, 'unshare', [
        '--mount',
      ]);
      expect(isInUse(file, '/dev/dax0.0')).toBe(true);
      expect(isInUse(elsewhere, '/dev/dax0.0')).toBe(false);
    },
  );

  describe('by the text of /proc', () => {
    let proc: string;
    let inode: string;
    let device: string;
    beforeEach(() => {
      proc = join(folder, 'proc');
      mkdirSync(join(proc, '4242', 'fdinfo'), { recursive: true });
      mkdirSync(join(proc, '4242', 'fd'));
      symlinkSync(`/proc/${process.pid}`, join(proc, String(process.pid)));
      inode = String(statSync(file).ino);
      const open = openSync(file, 'r');
      const own = readFileSync(`/proc/self/fdinfo/${open}`, 'latin1');
      closeSync(open);
      const number = /^mnt_id:\t(\d+)$/m.exec(own)?.[1] ?? '';
      const mounts = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
      device = mounts.find((line) => line.startsWith(`${number} `))?.split(' ')[2] ?? '';
      tell(
        'mountinfo',
        `900 1 ${device} / /mnt rw - tmpfs none rw\n901 1 0:9999 / /srv rw - tmpfs none rw\n`,
      );
    });

    const tell = (name: string, text: string): void =>
      writeFileSync(join(proc, '4242', name), text);
    const named = (link: string): void => {
      tell('fdinfo/3', 'pos:\t0\nflags:\t02\nmnt_id:\t900\n');
      symlinkSync(link, join(proc, '4242', 'fd', '3'));
    };
    const fdinfo = (mount: number, ino: string): string =>
      `pos:\t0\nflags:\t02\nmnt_id:\t${mount}\nino:\t${ino}\n`;
    const mapped = (at: string, ino: string): string =>
      `7f0000000000-7f0000200000 rw-s 00000000 ${at} ${ino}                  /anything at all\n`;
    const inMaps = (): string =>
      device
        .split(':')
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join(':');

    it.each<[string, boolean, () => void]>([
      ['the descriptor of its inode and device', true, () => tell('fdinfo/3', fdinfo(900, inode))],
      [
        'that of the inode number in another file system',
        false,
        () => tell('fdinfo/3', fdinfo(901, inode)),
      ],
      ['that of the number in an unknown mount', false, () => tell('fdinfo/3', fdinfo(15, inode))],
      ['that of another inode', false, () => tell('fdinfo/3', fdinfo(900, `${inode}1`))],
      ['its name, before Linux 5.14', true, () => named('/dev/dax0.0')],
      ['another name, before Linux 5.14', false, () => named('/dev/dax0.1')],
      ['the mapping of its inode and device', true, () => tell('maps', mapped(inMaps(), inode))],
      [
        'that of the number in another file system',
        false,
        () => tell('maps', mapped('ff:ff', inode)),
      ],
      ['that of another inode', false, () => tell('maps', mapped(inMaps(), `${inode}1`))],
    ])('is in use by %s: %s', (_, used, set) => {
      set();
      expect(isInUse(file, '/dev/dax0.0', proc)).toBe(used);
    });
  });
});
