// The guard of a box by itself, with a pipe that the test makes in place of a machine's process.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { WAIT } from '../../src/box/guard.ts';
import { lacksRoot, needs } from '../needs.ts';

/** Status 0: the guard has ended by itself. */
function guardWith(before: string): number | null {
  const script = `mount -t tmpfs none /sys/bus && ${before}\nexec timeout 5 /bin/sh -c "$0"`;
  return spawnSync('unshare', ['--mount', '/bin/sh', '-c', script, WAIT]).status;
}

test.each([
  ['has died', 'mkfifo /sys/bus/guard', 0],
  ['dies later', 'mkfifo /sys/bus/guard && { sleep 1 3<> /sys/bus/guard & sleep 0.2; }', 0],
  ['lives', 'mkfifo /sys/bus/guard && { sleep 7 3<> /sys/bus/guard & sleep 0.2; }', 124],
])('a guard whose machine %s', needs(lacksRoot()), (_name, before, status) => {
  expect(guardWith(before)).toBe(status);
});
