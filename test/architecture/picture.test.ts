import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

it('docs/architecture.svg is what scripts/draw-architecture.mjs draws', () => {
  const copy = mkdtempSync(join(tmpdir(), 'cxlbox-picture-'));
  try {
    for (const folder of ['docs', 'scripts']) mkdirSync(join(copy, folder));
    for (const file of ['docs/architecture.json', 'scripts/draw-architecture.mjs'])
      cpSync(join(ROOT, file), join(copy, file));
    const script = join(copy, 'scripts/draw-architecture.mjs');
    expect(spawnSync(process.execPath, [script]).status).toBe(0);
    const drawn = readFileSync(join(copy, 'docs/architecture.svg'), 'utf8');
    expect(readFileSync(join(ROOT, 'docs/architecture.svg'), 'utf8')).toBe(drawn);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
