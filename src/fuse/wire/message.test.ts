import { expect, test } from 'vitest';
import { Message, Reply, Request } from './message.ts';

test.each([0, 1, 0xffffffff, 2 ** 32, 2 ** 53 - 1])('64-bit field keeps %d', (value) => {
  const message = new Message(Buffer.alloc(16), 8);
  message.setU64(0, value);
  expect(message.u64(0)).toBe(value);
});

test('an opaque 64-bit value passes all its bits', () => {
  const message = new Message(Buffer.alloc(16), 0);
  message.bytes.fill(0xff, 0, 8);
  message.setOpaque64(8, message.opaque64(0));
  expect(message.bytes.subarray(8).toString('hex')).toBe('ff'.repeat(8));
});

test('names end at the NUL, texts at the end of the message', () => {
  const message = new Message(Buffer.from('ab\0cdef'), 0);
  message.length = 5;
  expect([message.name(0), message.name(3), message.text(3, 100)]).toEqual(['ab', 'cd', 'cd']);
});

test('an answer carries the number of its request, whatever its bits', () => {
  const request = new Request(Buffer.alloc(40, 0xfe));
  const reply = new Reply(Buffer.alloc(64));
  reply.body(8);
  reply.finish(request, -2);
  expect(reply.bytes.subarray(0, 16).toString('hex')).toBe(`18000000feffffff${'fe'.repeat(8)}`);
});

test('a body is clean although the buffer is used again', () => {
  const reply = new Reply(Buffer.alloc(64, 0xaa));
  reply.body(8);
  expect(reply.u64(0)).toBe(0);
  expect(reply.length).toBe(24);
});
