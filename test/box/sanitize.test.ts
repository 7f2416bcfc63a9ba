// Sanitizing a memory device in a box, where time passes by itself.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inBox, ROOT } from '../cxlbox.ts';
import { lacksBox, lacksProgram, needs } from '../needs.ts';

const POLL = `python3 ${join(ROOT, 'test', 'box', 'poll-sanitize.py')}`;
const FREE = 'echo 0 > /sys/bus/cxl/devices/region0/commit';

describe('in a box', needs(lacksBox()), () => {
  test('the end wakes a poller when nobody else asks', needs(lacksProgram('python3')), () => {
    const { stdout, stderr } = inBox(`${FREE}\n${POLL}\n${POLL}`);
    const once = 'disabled\nsanitize\nERR, ERR PRI disabled\n';
    expect([stdout, stderr]).toEqual([once + once, '']);
  });

  // The fault: on busy cores the next program may come later than a tenth of a second.
  test('it ends for programs that only read, and is refused until then', () => {
    const { stdout, stderr } = inBox(`
      echo slow-sanitize milliseconds=3000 > /sys/kernel/debug/cxlbox/fault/inject
      cd /sys/bus/cxl/devices; echo 0 > region1/commit
      echo 1 > mem1/security/sanitize; cat mem1/security/state
      echo 1 | tee mem1/security/sanitize
      while grep -q sanitize mem1/security/state; do sleep 0.01; done
      cat mem1/security/state
      echo 1 > region1/commit; cat region1/commit`);
    expect(stdout).toBe('sanitize\n1\ndisabled\n1\n');
    expect(stderr).toContain('Device or resource busy');
  });
});
