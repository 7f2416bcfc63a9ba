/** Preloaded into the processes of a box: the first one inside slips at SIGUSR2, in the way that SLIP names. */
import { isMainThread } from 'node:worker_threads';

const SLIPS = {
  exception: () => {
    throw new Error('a slip');
  },
  rejection: () => void Promise.reject(new Error('a slip')),
};

if (isMainThread && process.argv[1]?.endsWith('init.js')) process.once('SIGUSR2', SLIPS[process.env.SLIP]);
