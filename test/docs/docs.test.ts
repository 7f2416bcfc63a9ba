// Every example in the documentation runs here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOX_ERRORS } from '../../src/box/errors.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import { cxlbox, ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

function page(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** The fenced blocks of a language, in order. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-docs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('links', () => {
  it.each(PAGES)('of %s lead somewhere', (name) => {
    const targets = [...page(name).matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(name), target)))).toEqual([]);
  });
});

describe('README', () => {
  const readme = page('README.md');
  // test/cli/cli.test.ts compares the demo, test/replay/recordings.test.ts the total of all.
  it('says what to replay', () => {
    const [, command = ''] = /`npx cxlbox (replay \S+)`/.exec(readme) ?? [];
    expect(command).toBe('replay conformance');
    const recording = join(ROOT, 'conformance', 'open', 'm-21-hypervisor-bit.jsonl.gz');
    const last = cxlbox(['replay', recording]).stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(last).toMatch(/^[1-9]\d* passed, 0 failed, \d+ skipped$/);
  });

  it('has a library example that runs', () => {
    const [example = ''] = blocks(readme, 'ts');
    const file = join(folder, 'example.mjs');
    const expected = [...example.matchAll(/\/\/ (\d+)$/gm)].map((match) => match[1]);
    writeFileSync(file, example.replace("'cxlbox'", `'${join(ROOT, 'dist', 'index.js')}'`));
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(expected);
  });
});

describe('machine-file.md', () => {
  const text = page('docs/machine-file.md');

  it.each(blocks(text, 'yaml').map((block, index) => [index + 1, block]))(
    'example %i is a machine',
    (_, block) => {
      expect(parseMachine(`${block}`, 'example.yaml').name).not.toBe('');
    },
  );

  it('shows the errors that a wrong file gives', needs(lacksBox()), () => {
    const file = join(folder, 'machine.yaml');
    writeFileSync(file, 'nodes:\n  - id: 0\n    cpus: "0-x"\nwindow: 3\n');
    const { stderr } = cxlbox(['run', '-m', file, '--', 'true']);
    expect(text).toContain(stderr.replaceAll(file, 'machine.yaml'));
  });
});

describe('exit-codes.md', () => {
  const text = page('docs/exit-codes.md');

  it('lists every exit code', () => {
    for (const code of Object.values(EXIT))
      expect(text).toMatch(new RegExp(`^\\| +${code} +\\|`, 'm'));
  });

  it('lists every error of a box', () => {
    const documented = [...text.matchAll(/`(CXLBOX_\w+)`/g)].map((match) => match[1]);
    expect(documented.sort()).toEqual(Object.keys(BOX_ERRORS).sort());
  });
});
