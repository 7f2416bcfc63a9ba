// What docs/faults.md shows: sessions, commands, the table of steps, the machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultObject } from '../../src/cli/fault/list.ts';
import { FAULT_LIST } from '../../src/cxlbox-abi/fault.ts';
import { HOTPLUG_STEPS } from '../../src/mm/hotplug/steps.ts';
import { boot } from '../../src/platform/boot.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import { FAULT_KINDS } from '../../src/platform/faults/kinds/index.ts';
import { runSessions } from '../console-sessions.ts';
import { inBox, ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');

/** In a shell script: the programs that the page calls. */
const PROGRAMS = `
cxlbox() { ${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')} "$@"; }
node() { ${process.execPath} "$@"; }`;

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

runSessions('docs/faults.md', 7);

describe('docs/faults.md', () => {
  it('has the table of the steps as they are', () => {
    const rows = [...PAGE.matchAll(/^\| `((?:add|online):[\w-]+)` +\| (\d+) /gm)];
    expect(rows.map(([, name, number]) => [name, Number(number)])).toEqual(
      Object.entries(HOTPLUG_STEPS),
    );
  });

  it('has every kind', () => {
    for (const { name } of FAULT_KINDS) expect(PAGE).toMatch(new RegExp(`^\\| \`${name} `, 'm'));
  });

  it('has a machine that boots with all its faults', () => {
    const [yaml = ''] = blocks('yaml');
    const { faults, daxHardware } = boot(parseMachine(yaml, 'faulty.yaml'));
    expect(faults.list().map(({ kind }) => kind)).toEqual([
      'probe',
      'hotplug',
      'slow-online',
      'sanitize',
      'slow-sanitize',
      'removal',
    ]);
    expect(daxHardware?.allPoison()).toHaveLength(1);
  });

  it('has commands that work, one after the other', needs(lacksBox()), () => {
    const [commands = ''] = blocks('sh');
    const { status, stderr } = inBox(`set -e\n${PROGRAMS}\n${commands}`);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('has a script that prints the JSON that it shows', needs(lacksBox()), () => {
    const [, script = ''] = blocks('sh');
    const [shown = ''] = blocks('json');
    const { stdout, stderr } = inBox(`set -e\n${PROGRAMS}\n${script}`);
    expect([stdout, stderr]).toEqual([`${shown}fault 1 is cleared\n`, '']);
  });

  it.each([
    ['probe', 'kmem device=mem0 errno=EIO times=1 skip=1'],
    ['hotplug', 'step=add:memmap errno=EIO times=1 skip=1'],
    ['commit', 'mem0 errno=EIO times=1 skip=1'],
    ['sanitize', 'mem0 errno=EIO times=1 skip=1'],
    ['slow-online', 'milliseconds=1'],
    ['slow-sanitize', 'milliseconds=1 device=mem0 times=1 skip=1'],
    ['removal', '0000:0d:00.0'],
    ['link-down', '0000:0c:00.0'],
  ])('has every field of %s', (fault, parameters) => {
    const [, cell = ''] = new RegExp(`^\\| \`"${fault}"\` +\\| (.*) \\|$`, 'm').exec(PAGE) ?? [];
    const fields = [...cell.matchAll(/`([a-z]+)`/g)].map(([, name]) => name);
    const common = ['fault', 'number', 'parameters', 'struck'];
    expect([...common, ...fields]).toEqual(
      FAULT_LIST.parse(`1 ${fault} ${parameters} struck=0\n`).flatMap((listed) =>
        Object.keys(faultObject(listed)),
      ),
    );
  });
});
