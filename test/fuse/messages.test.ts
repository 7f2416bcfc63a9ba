// Random messages to the server: see test/explore/fuse-messages.ts for longer runs.
import { expect, it } from 'vitest';
import { exploreFuseMessages } from '../explore/fuse-messages.ts';

const MESSAGES = 100_000;
const SEED = 20261120;

it('a server bears any message, reads nothing of earlier ones, and its machine stays sound', () => {
  const { messages, succeeded } = exploreFuseMessages(SEED, MESSAGES);
  const { none, EINVAL, ENOSYS, served } = messages;
  expect(none + EINVAL + ENOSYS + served).toBe(MESSAGES);
  // All kinds are among them, and the walk got somewhere.
  expect(Math.min(none, EINVAL, ENOSYS, succeeded)).toBeGreaterThan(MESSAGES / 100);
});
