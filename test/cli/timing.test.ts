// The time line that CXLBOX_TIMING=1 prints: its shape, not its figures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cxlbox, ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';

const LINE = /^cxlbox: timing +(\d+\.\d) ms {2}(cxlbox|machine) +(\S.*)$/;

/** The rows of the table in docs/box.md: process and mark. */
function documented(): string[] {
  const page = readFileSync(join(ROOT, 'docs', 'box.md'), 'utf8');
  return [...page.matchAll(/^\| (cxlbox|machine) +\| `([^`]+)`/gm)].map(
    ([, process, mark]) => `${process} ${mark}`,
  );
}

describe('the time line', needs(lacksBox()), () => {
  const { status, stderr } = cxlbox(['run', '--', 'true'], { env: { CXLBOX_TIMING: '1' } });
  const lines = stderr.trimEnd().split('\n');

  test('has the marks that docs/box.md lists, in the order in which a process reaches them', () => {
    expect(status).toBe(0);
    expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
    for (const process of ['cxlbox', 'machine']) {
      const marks = lines.map((line) => LINE.exec(line)).filter((found) => found?.[2] === process);
      const times = marks.map((found) => Number(found?.[1]));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    const reached = lines.map((line) => LINE.exec(line)?.slice(2).join(' '));
    expect(reached.sort()).toEqual(documented().sort());
  });

  test('is not printed unless it is asked for', () => {
    expect(cxlbox(['run', '--', 'true'], { env: { CXLBOX_TIMING: '' } }).stderr).toBe('');
  });
});
