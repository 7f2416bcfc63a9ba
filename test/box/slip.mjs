/**
 * Preloaded into the processes of a box: that of the machine slips as soon as the file SLIP_WHEN is there; SLIP names the
 * way. It looks at its timers only now and then, between requests.
 */
import { existsSync } from 'node:fs';

const { SLIP, SLIP_WHEN } = process.env;

const SLIPS = {
  exception: () => {
    throw new Error('a slip');
  },
  rejection: () => void Promise.reject(new Error('a slip')),
};

if (process.argv[2] === 'machine-process')
  setInterval(() => {
    if (existsSync(SLIP_WHEN)) SLIPS[SLIP]();
  }, 1);
