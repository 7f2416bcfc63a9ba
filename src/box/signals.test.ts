import { expect, test } from 'vitest';
import { exitStatus } from './signals.ts';

test.each<[number | null, NodeJS.Signals | null, number]>([
  [0, null, 0],
  [42, null, 42],
  [null, 'SIGTERM', 143],
  [null, 'SIGKILL', 137],
])('code %s and signal %s is status %d', (code, signal, status) => {
  expect(exitStatus(code, signal)).toBe(status);
});
