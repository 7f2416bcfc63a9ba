// What docs/faults.md shows: sessions, commands, the table of steps, the machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOTPLUG_STEPS } from '../../src/mm/hotplug-steps.ts';
import { boot } from '../../src/platform/boot.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import { FAULT_KINDS } from '../../src/platform/faults/fault.ts';
import { USERS } from '../box/box-process.ts';
import { runSessions } from '../console-sessions.ts';
import { inBox, ROOT } from '../cxlbox.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

runSessions('docs/faults.md', 5);

describe('docs/faults.md', () => {
  it('has the table of the steps as they are', () => {
    const rows = [...PAGE.matchAll(/^\| `((?:add|online):[\w-]+)` +\| (\d+) /gm)];
    expect(rows.map(([, name, number]) => [name, Number(number)])).toEqual(Object.entries(HOTPLUG_STEPS));
  });

  it('has every kind', () => {
    for (const kind of FAULT_KINDS) expect(PAGE).toMatch(new RegExp(`^\\| \`${kind} `, 'm'));
  });

  it('has a machine that boots with all its faults', () => {
    const [yaml = ''] = blocks('yaml');
    const { faults, daxBacking } = boot(parseMachine(yaml, 'faulty.yaml'));
    expect([...faults.list().values()].map(({ kind }) => kind)).toEqual([
      'probe',
      'hotplug',
      'slow-online',
      'removal',
    ]);
    expect(daxBacking?.allPoison()).toHaveLength(1);
  });

  it.skipIf(USERS.length === 0)('has commands that work, one after the other', () => {
    const [commands = ''] = blocks('sh');
    const cli = `cxlbox() { ${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')} "$@"; }`;
    const { status, stderr } = inBox(`set -e\n${cli}\n${commands}`);
    expect([status, stderr]).toEqual([0, '']);
  });
});
