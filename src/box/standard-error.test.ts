import { describe, expect, it } from 'vitest';
import { writeAll } from './standard-error.ts';

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Takes the numbers of bytes in turn, or refuses; then the rest. */
function writer(turns: readonly (number | string)[]) {
  let turn = 0;
  const state = { written: '', calls: 0 };
  const write = (bytes: Uint8Array): number => {
    const next = turns[turn] ?? bytes.length;
    turn += 1;
    state.calls += 1;
    if (typeof next === 'string') throw refusal(next);
    state.written += Buffer.from(bytes.subarray(0, next)).toString();
    return next;
  };
  return { state, write };
}

describe('what a box writes to standard error', () => {
  it.each<[string, (number | string)[], string]>([
    ['goes at once', [], 'message'],
    ['goes in parts', [2, 3], 'message'],
    ['waits while the reader is slow', ['EAGAIN', 4, 'EAGAIN', 'EAGAIN'], 'message'],
    ['is dropped when the reader is gone', [3, 'EPIPE'], 'mes'],
    ['is dropped when there is no such stream', ['EBADF'], ''],
  ])('%s', (_name, turns, written) => {
    const { state, write } = writer(turns);
    writeAll(Buffer.from('message'), write);
    expect(state.written).toBe(written);
  });

  it('does not hide a mistake', () => {
    const mistake = (): number => {
      throw new TypeError('no bytes');
    };
    expect(() => writeAll(Buffer.from('message'), mistake)).toThrow('no bytes');
  });
});
