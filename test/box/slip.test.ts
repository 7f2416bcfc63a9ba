// A bug in the first process of a box, which no exit code of Node's would ever tell: it cannot exit in order.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runBox, USERS } from './box-process.ts';

const SLIP = fileURLToPath(new URL('./slip.mjs', import.meta.url));

describe.skipIf(USERS.length === 0).each(USERS.map((who) => ({ who })))('a box of $who', ({ who }) => {
  test.each(['exception', 'rejection'])('ends at an uncaught %s, and says why', async (slip) => {
    const env = { NODE_OPTIONS: `--import=${SLIP}`, SLIP: slip };
    const { status, stderr } = await runBox(who, ['sh', '-c', 'kill -USR2 $PPID; exec sleep 1000'], { env });
    expect([status, stderr]).toEqual([125, expect.stringContaining('a slip')]);
  });
});
