// A bug in the machine's process, which no exit code of Node's would ever tell: it cannot exit in
// order.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ANY_USER, lacksBox, needs } from '../needs.ts';
import { runBox } from './box-process.ts';

const SLIP = fileURLToPath(new URL('./slip.mjs', import.meta.url));

describe.each(ANY_USER)('a box of $who', needs(lacksBox()), ({ who }) => {
  test.each(['exception', 'rejection'])('ends at an uncaught %s, and says why', async (slip) => {
    const folder = mkdtempSync(join(tmpdir(), 'cxlbox-slip-'));
    chmodSync(folder, 0o777);
    const env = {
      NODE_OPTIONS: `--import=${SLIP}`,
      SLIP: slip,
      SLIP_WHEN: join(folder, 'now'),
    };
    const script = ': > $SLIP_WHEN; while :; do ls -R /sys; done > /dev/null';
    const { status, stderr } = await runBox(who, ['sh', '-c', script], { env });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([125, expect.stringContaining('CXLBOX_LOST')]);
    expect(stderr).toContain('a slip');
  });
});
