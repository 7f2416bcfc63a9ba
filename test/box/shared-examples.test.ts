// The examples of docs/dax-memory.md that share memory, and what the page shows of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../cxlbox.ts';
import { lacksBox, lacksProgram, needs } from '../needs.ts';
import { finish, startProgram, USERS } from './box-process.ts';
import type { Host } from './shared-host.ts';
import { CLI, DAX, POOL, poolOfSuite, poolOfTest, poolPrograms } from './shared-pool.ts';

const COMPILER = needs(lacksProgram('cc'));
const program = poolPrograms();

const page = readFileSync(join(ROOT, 'docs', 'dax-memory.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );

describe('the examples', needs(lacksBox()), () => {
  const who = USERS[0] ?? 'user';
  test('the machine in the documentation is the one in the examples', () => {
    expect(blocks('yaml')).toContain(readFileSync(POOL, 'utf8'));
  });

  const boxes = new Map<string, Host>();
  const { root } = poolOfSuite((pool) => {
    for (const name of ['one', 'other']) boxes.set(name, pool.start(who, POOL, '--host', name));
    return Promise.all([...boxes.values()].map((box) => box.run('true')));
  });
  const run = async (host: string, script: string): Promise<string> =>
    (await boxes.get(host)?.run(script)) ?? `no host ${host}`;

  // The first, since it finds that nothing is formatted.
  test(
    'files that the master writes are there on all hosts, which cannot write',
    COMPILER,
    async () => {
      const files = `${program('shared-files')} ${DAX}`;
      expect(await run('other', `${files} list`)).toContain('is not formatted');
      const large = '{ head -c 4000000 /dev/zero; echo end; }';
      expect(
        await run(
          'one',
          `${files} format; echo hello | ${files} put greeting; ${large} | ${files} put large`,
        ),
      ).toBe('');
      expect(
        await run('other', `${files} list; ${files} cat greeting; ${files} cat large | tail -c 4`),
      ).toBe('greeting 6\nlarge 4000004\nhello\nend\n');
      expect(await run('other', `echo x | ${files} put more; ${files} cat nothing`)).toBe(
        'shared-files: one: is the master; only it writes\nshared-files: nothing: there is no such file\n',
      );
      expect(await run('one', `echo more | ${files} put more`)).toBe('');
      expect(await run('other', `${files} cat more`)).toBe('more\n');
    },
  );

  test('the list in the documentation is what is printed', async () => {
    const command = [process.execPath, CLI, 'shared', 'list'];
    const { stdout } = await finish(
      startProgram(who, command, { env: { CXLBOX_SHARED: root() } }),
      '',
    );
    expect(blocks('text')).toContain(stdout.replace(root(), '/dev/shm/cxlbox-0'));
  });

  test('the session in the documentation is what happens', COMPILER, async () => {
    const session = blocks('text').find((text) => text.startsWith('one$')) ?? '';
    const steps = session.split(/^(?=\w+\$ )/m);
    expect(steps.length).toBeGreaterThan(4);
    for (const step of steps) {
      const [, host = '', command = '', printed = ''] =
        /^(\w+)\$ (.*)\n([\s\S]*)$/.exec(step) ?? [];
      expect(await run(host, command.replace('./', `${program('.')}/`)), command).toBe(printed);
    }
  });
});

describe('examples/shared-ring.sh', needs(lacksBox()), () => {
  const { root } = poolOfTest();

  test('the ring runs between two boxes', COMPILER, async () => {
    const script = join(ROOT, 'examples', 'shared-ring.sh');
    const env = { CXLBOX_SHARED: root(), CXLBOX: `${process.execPath} ${CLI}` };
    const { status, stdout, stderr } = await finish(
      startProgram(USERS[0] ?? 'user', ['sh', script, '200000'], { env }),
      '',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').sort()).toEqual(['', 'consumed 200000, 0 wrong', 'produced 200000']);
    expect(blocks('text')).toContain('produced 1000000\nconsumed 1000000, 0 wrong\n');
  });
});
