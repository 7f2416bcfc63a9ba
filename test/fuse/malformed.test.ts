/**
 * Requests that are not what their opcode's layout says.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { ERRNO } from '../../src/errno.ts';
import * as structs from '../../src/fuse/wire/structs.ts';
import { KernfsDirectory, KernfsFile } from '../../src/kernfs/node.ts';
import { FuseClient } from './fuse-client.ts';
import { HEADER, LEAST, UNANSWERED } from './request-sizes.ts';

/**
 * What lies behind a request: every field that is read from there is large, and every bit of flags
 * is set in pairs.
 */
const STALE = 0xbb;

let client: FuseClient;
let stored: string[];
let faults: string[];
let trace: string[];

beforeEach(() => {
  stored = [];
  faults = [];
  trace = [];
  const root = new KernfsDirectory('');
  const store = (text: string): void => void stored.push(text);
  root.add(new KernfsFile('value', 0o644, { show: () => 'value\n', store }));
  client = new FuseClient({
    root,
    fault: (error) => void faults.push(String(error)),
    trace: (line) => void trace.push(line),
  });
});

/** A message with a right header before `body`. */
function message(opcode: number, nodeId: number, body: Uint8Array, stated?: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(stated ?? HEADER + body.length, 0);
  header.writeUInt32LE(opcode, 4);
  header.writeUInt32LE(77, 8);
  header.writeUInt32LE(nodeId, 16);
  return Buffer.concat([header, body]);
}

/** The errno of the answer; undefined: no answer. */
function errnoAnswered(sent: Buffer): number | undefined {
  const answer = client.send(sent, STALE);
  if (answer === undefined) return undefined;
  expect([answer.readUInt32LE(0), answer.readUInt32LE(8)]).toEqual([answer.length, 77]);
  return Math.abs(answer.readInt32LE(4));
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

describe.each(LEAST)('%s', (name, opcode, bytes) => {
  const answered = !UNANSWERED.has(name);

  test('of any smaller length is EINVAL, or not answered at all', () => {
    for (let size = 0; size < bytes; size += 1)
      expect(errnoAnswered(message(opcode, 1, Buffer.alloc(size)))).toBe(
        answered ? ERRNO.EINVAL : undefined,
      );
    expect(client.server.held).toEqual({ nodes: 1, files: 0, directories: 0 });
    expect(faults).toEqual([]);
  });

  test(`of ${bytes} bytes is served`, () => {
    const errno = errnoAnswered(message(opcode, 1, Buffer.alloc(bytes)));
    if (answered) expect(errno).not.toBe(ERRNO.EINVAL);
    else expect(errno).toBeUndefined();
  });

  test('whose header states another length is EINVAL', () => {
    const body = Buffer.alloc(bytes);
    for (const stated of [HEADER + bytes - 1, HEADER + bytes + 1, 0, 0xffffffff])
      expect(errnoAnswered(message(opcode, 1, body, stated))).toBe(
        answered ? ERRNO.EINVAL : undefined,
      );
  });
});

test.each([0, 7, 19, 53, 4096, 0xffffffff])('opcode %d is ENOSYS, of any length', (opcode) => {
  for (const size of [0, 8, 100])
    expect(errnoAnswered(message(opcode, 1, Buffer.alloc(size)))).toBe(ERRNO.ENOSYS);
});

test.each([0, 1, 39])('%d bytes are not even a header, and not answered', (size) => {
  expect(errnoAnswered(message(1, 1, Buffer.alloc(0)).subarray(0, size))).toBeUndefined();
});

const NAMES: readonly (readonly [name: string, opcode: number, before: number, text: string])[] = [
  ['LOOKUP', 1, 0, 'value'],
  ['LOOKUP', 1, 0, 'value\0x'],
  ['MKDIR', 9, 8, 'name'],
  ['UNLINK', 10, 0, 'name'],
  ['LINK', 13, 8, 'name'],
  ['CREATE', 35, 16, 'name'],
  ['SYMLINK', 6, 0, 'one\0'],
  ['SYMLINK', 6, 0, 'one\0two'],
  ['RENAME', 12, 8, 'one\0'],
  ['RENAME', 12, 8, 'one\0two'],
  ['RENAME2', 45, 16, 'one\0'],
];

test.each(NAMES)('%s: a name without its NUL is EINVAL', (_name, opcode, before, text) => {
  expect(errnoAnswered(message(opcode, 1, Buffer.from('\0'.repeat(before) + text)))).toBe(
    ERRNO.EINVAL,
  );
});

describe('a count of more than there is', () => {
  test.each([
    [7, 'value\n'],
    [2 ** 32 - 1, 'value\n'],
    [1, ''],
  ])('WRITE of %d bytes with %j', (size, text) => {
    const fh = client.open('value', 1);
    const body = Buffer.concat([words(fh, 0, 0, 0, size, 0, 0, 0, 0, 0), Buffer.from(text)]);
    expect(errnoAnswered(message(16, 0, body))).toBe(ERRNO.EINVAL);
    expect(stored).toEqual([]);
  });

  test.each([2, 3, 2 ** 28, 2 ** 32 - 1])('BATCH_FORGET of %d nodes with one', (count) => {
    const id = client.walk('value');
    expect(errnoAnswered(message(42, 0, words(count, 0, id, 0, 1, 0)))).toBeUndefined();
    expect(client.server.held.nodes).toBe(2);
    expect(errnoAnswered(message(42, 0, words(1, 0, id, 0, 1, 0)))).toBeUndefined();
    expect(client.server.held.nodes).toBe(1);
    expect(faults).toEqual([]);
  });

  test('IOCTL with less than it announces', () => {
    expect(errnoAnswered(message(39, 1, words(0, 0, 0, 0, 0, 0, 4, 0)))).toBe(ERRNO.EINVAL);
  });
});

test('a WRITE of less than is there takes what its size says', () => {
  const fh = client.open('value', 1);
  const body = Buffer.concat([words(fh, 0, 0, 0, 3, 0, 0, 0, 0, 0), Buffer.from('value\n')]);
  expect(errnoAnswered(message(16, 0, body))).toBe(0);
  expect(stored).toEqual(['val']);
});

test('a request that takes no answer gets none when its handler fails', () => {
  const { server } = client;
  Object.defineProperty(server, 'session', { value: {} });
  expect(errnoAnswered(message(2, 5, words(1, 0)))).toBeUndefined();
  expect(faults).toHaveLength(1);
});

test('READ and READDIR of more than fits are answered short', () => {
  const fh = client.open('value');
  expect(client.read(fh, 0, 2 ** 32 - 1)).toBe('value\n');
  expect(client.list('', 2 ** 32 - 1)).toHaveLength(3);
});

test('a time before 1970 stays what it is', () => {
  const body = Buffer.alloc(88);
  body.writeUInt32LE(1 << 5, 0);
  body.writeBigInt64LE(-86_400n, 40);
  const answer = client.send(message(4, client.walk('value'), body), STALE);
  const at = 16 + structs.ATTR_OUT_ATTR + structs.ATTR.at.mtime;
  expect(answer?.readBigInt64LE(at)).toBe(-86_400n);
});

test('the trace shows that a request is malformed, and nothing behind its end', () => {
  errnoAnswered(message(4, 1, words(0xffff)));
  errnoAnswered(message(26, 0, words(7, 31, 4096, 1)));
  expect(trace[0]).toBe('> 77 SETATTR node=1 malformed (44 bytes)');
  expect(trace[2]).toBe('> 77 INIT node=0 major=7 minor=31 max_readahead=4096 flags=0x1');
});
