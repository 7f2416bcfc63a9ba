// docs/dynamic-capacity.md: its sessions, and the example between hosts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cxlbox.ts';
import { lacksProgram, needs } from '../needs.ts';
import { play, programsOf, sessionsOf } from './sessions.ts';

const PAGE = 'dynamic-capacity.md';
const sessions = sessionsOf(PAGE);
const NEEDED = ['cxl', 'daxctl', 'lsmem'];

describe(PAGE, () => {
  it('has sessions', () => {
    expect(sessions).toHaveLength(4);
  });

  for (const [index, session] of sessions.entries()) {
    const programs = programsOf(session).filter((program) => NEEDED.includes(program));
    it(`session ${index + 1} prints what it shows`, needs(lacksProgram(...programs)), () => {
      expect(play(session)).toBe(session.text);
    });
  }

  it('examples/lend-memory.sh prints what the page shows, and leaves nothing behind', () => {
    const shared = mkdtempSync(join(tmpdir(), 'cxlbox-lend-'));
    try {
      const { stdout, stderr, status } = spawnSync(
        'sh',
        [join(ROOT, 'examples', 'lend-memory.sh')],
        {
          encoding: 'utf8',
          env: {
            ...process.env,
            CXLBOX_SHARED: shared,
            CXLBOX: `${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')}`,
          },
        },
      );
      expect([stderr, status]).toEqual(['', 0]);
      const [, shown = ''] =
        /^```text\n([\s\S]*?)^```/m.exec(readFileSync(join(ROOT, 'docs', PAGE), 'utf8')) ?? [];
      const missing = shown.split('\n').filter((line) => !stdout.split('\n').includes(line));
      expect(missing).toEqual([]);
      expect(readdirSync(shared)).toEqual([]);
    } finally {
      rmSync(shared, { recursive: true });
    }
  });
});
