import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../test/errno-of.ts';
import { PAGE_SIZE } from '../units.ts';
import { type FileContent, KernfsDirectory, KernfsFile } from './node.ts';
import { OpenFile } from './open-file.ts';

const READ = { read: true, write: false };
const WRITE = { read: false, write: true };

function fileIn(
  content: FileContent,
  mode = 0o644,
): { directory: KernfsDirectory; file: KernfsFile } {
  const directory = new KernfsDirectory('');
  return { directory, file: directory.add(new KernfsFile('attribute', mode, content)) };
}

describe('open', () => {
  const show = (): string => 'x\n';
  const store = (): void => undefined;
  it.each([
    ['0444 for writing', 0o444, { show, store }, WRITE, 'EACCES'],
    ['0200 for reading', 0o200, { show, store }, READ, 'EACCES'],
    ['no store', 0o644, { show }, WRITE, 'EACCES'],
    ['no show', 0o644, { store }, READ, 'EACCES'],
    ['0200 for writing', 0o200, { store }, WRITE, 'ok'],
    ['0400 for reading', 0o400, { show }, READ, 'ok'],
  ])('%s', (_, mode, content, access, expected) => {
    const { file } = fileIn(content, mode);
    expect(errnoOf(() => new OpenFile(file, access))).toBe(expected);
  });

  it('of a removed file is ENODEV', () => {
    const { directory, file } = fileIn({ show });
    directory.remove('attribute');
    expect(errnoOf(() => new OpenFile(file, READ))).toBe('ENODEV');
  });
});

describe('read', () => {
  function counting(): { open: OpenFile; shows: () => number } {
    let count = 0;
    const show = (): string => {
      count += 1;
      return `value ${count}\n`;
    };
    return { open: new OpenFile(fileIn({ show }).file, READ), shows: () => count };
  }

  it('serves sequential reads from one show', () => {
    const { open, shows } = counting();
    expect([open.read(0, 3), open.read(3, 100), open.read(8, 100)]).toEqual(['val', 'ue 1\n', '']);
    expect(shows()).toBe(1);
  });

  it('runs show again at offset 0 and after a jump', () => {
    const { open } = counting();
    expect(open.read(0, 100)).toBe('value 1\n');
    expect(open.read(0, 100)).toBe('value 2\n');
    expect(open.read(6, 100)).toBe('3\n');
  });

  it('of zero bytes does not run show', () => {
    const { open, shows } = counting();
    expect(open.read(0, 0)).toBe('');
    expect(shows()).toBe(0);
  });

  it('cuts a text attribute below one page', () => {
    const open = new OpenFile(fileIn({ show: () => 'x'.repeat(5000) }).file, READ);
    expect(open.read(0, 8192)).toHaveLength(PAGE_SIZE - 1);
  });

  it('after removal is ENODEV', () => {
    const { directory, file } = fileIn({ show: () => 'x' });
    const open = new OpenFile(file, READ);
    directory.remove('attribute');
    expect(errnoOf(() => open.read(0, 10))).toBe('ENODEV');
  });
});

describe('write', () => {
  it('hands one page at most to one store call', () => {
    const stored: string[] = [];
    const open = new OpenFile(fileIn({ store: (text) => stored.push(text) }).file, WRITE);
    expect(open.write('')).toBe(0);
    expect(open.write('y'.repeat(5000))).toBe(PAGE_SIZE);
    expect(stored.map((each) => each.length)).toEqual([PAGE_SIZE]);
  });
});

describe('poll', () => {
  it('signals before the first read, then once a notification', () => {
    const { file } = fileIn({ show: () => 'x' });
    const open = new OpenFile(file, READ);
    expect(open.poll().notified).toBe(true);
    open.read(0, 10);
    expect(open.poll().notified).toBe(false);
    file.notify();
    expect(open.poll().notified).toBe(true);
  });
});
