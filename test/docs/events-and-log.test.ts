// The session of docs/events-and-log.md, which opens a box of its own.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'events-and-log.md'), 'utf8');
const TOOL = `cxlbox() { '${process.execPath}' '${join(ROOT, 'bin', 'cxlbox.js')}' "$@"; }`;

it('shows what --trace driver prints', needs(lacksBox()), () => {
  const [, command = '', shown = ''] = /^```console\n\$ (.*)\n([\s\S]*?)^```/m.exec(PAGE) ?? [];
  const { stdout } = spawnSync('sh', ['-c', `${TOOL}\n${command}`], { encoding: 'utf8' });
  expect(shown).not.toBe('');
  expect(stdout).toBe(shown);
});
