import { describe, expect, it } from 'vitest';
import { KernfsDirectory } from '../kernfs/node.ts';
import type { LateAnswer } from './late-answers.ts';
import { FuseServer } from './server.ts';

/** A server that owes `delays`, one a call, and what it handed over. */
function serverOwing(...delays: number[]) {
  const late: LateAnswer[] = [];
  const server = new FuseServer(
    {
      root: new KernfsDirectory(''),
      now: () => ({ seconds: 0, nanoseconds: 0 }),
      takeDelay: () => delays.shift() ?? 0,
      sendLate: (answer) => void late.push(answer),
    },
    () => true,
  );
  return { server, late };
}

const ANSWER = Uint8Array.of(1, 2, 3);

describe('an answer that has to wait', () => {
  it('is handed over with its time, once', () => {
    const { server, late } = serverOwing(250);
    expect([server.deliver(ANSWER), server.deliver(ANSWER)]).toEqual([true, false]);
    expect(late).toEqual([{ notifications: [], last: ANSWER, delay: 250 }]);
  });

  it('is sent as usual where nothing is owed', () => {
    const { server, late } = serverOwing(0);
    expect(server.deliver(ANSWER)).toBe(false);
    expect(late).toEqual([]);
  });
});
