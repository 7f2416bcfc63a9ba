// The examples of docs/library.md and those of the docstrings: each is a program, whose lines
// `console.log(...); // x` print x. Also, that the page and the reference leave no exported name
// out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../cxlbox.ts';

interface Example {
  readonly title: string;
  readonly code: string;
}

const RUNNER = join(import.meta.dirname, 'run-examples.mjs');
const LIBRARY = join(ROOT, 'dist', 'index.js');
const PAGE = readFileSync(join(ROOT, 'docs', 'library.md'), 'utf8');
const INDEX = readFileSync(join(ROOT, 'src', 'index.ts'), 'utf8');

/** The files that the names come from, and the names. */
const EXPORTS = [...INDEX.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/(.*)'/g)].map(
  ([, names = '', file = '']) => ({
    text: readFileSync(join(ROOT, 'src', file), 'utf8'),
    file,
    names: names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== ''),
  }),
);

function blocksOf(text: string, title: string): Example[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ''], index) => ({
    title: `${title} ${index + 1}`,
    code,
  }));
}

/** Only fields of others are of these types; the reference has them. */
const PARTS: ReadonlySet<string> = new Set([
  ...['UeventAction', 'UeventVariables', 'MachineClientOptions', 'MachineDebug', 'ModuleControl'],
  ...EXPORTS.filter(({ file }) => /(types|config|partition|online-type)\.ts$/.test(file))
    .flatMap(({ names }) => names)
    .filter((name) => name !== 'MachineDescription'),
]);

/** A source without the stars of its comments. */
function comments(text: string): string {
  return text.replaceAll(/^ \* ?/gm, '');
}

const EXAMPLES: readonly Example[] = [
  ...blocksOf(PAGE, 'docs/library.md'),
  ...blocksOf(comments(INDEX), 'index.ts'),
  ...EXPORTS.flatMap(({ file, text }) => blocksOf(comments(text), file)),
];

/** Types are removed by the compiler of this project, one process for all examples. */
function compile(folder: string): void {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      ...{ noEmit: false, outDir: 'out', rootDir: '.', allowImportingTsExtensions: false },
      ...{ skipLibCheck: true, typeRoots: [join(ROOT, 'node_modules', '@types')] },
    },
    include: ['*.mts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', folder], {
    encoding: 'utf8',
  });
  expect([stdout, status]).toEqual(['', 0]);
}

/** What the comments behind console.log say: a text, or a /pattern/. */
function expectedOf(code: string): (string | RegExp)[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) =>
    text.startsWith('/') ? new RegExp(text.slice(1, -1)) : text,
  );
}

interface Ran {
  readonly printed: readonly string[];
  readonly error?: string;
}

let folder = '';
let ran: readonly Ran[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-library-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [index, { code }] of EXAMPLES.entries())
    writeFileSync(join(folder, `example${index}.mts`), code.replaceAll("'cxlbox'", `'${LIBRARY}'`));
  compile(folder);
  const programs = EXAMPLES.map((_, index) => join(folder, 'out', `example${index}.mjs`));
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUNNER, ...programs], {
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
  ran = JSON.parse(stdout) as Ran[];
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('examples of the library', () => {
  it('are many', () => {
    expect(EXAMPLES.length).toBeGreaterThan(15);
  });

  it.each(EXAMPLES.map(({ title, code }, index) => [title, index, code] as const))(
    '%s',
    (_, index, code) => {
      expect(ran[index]?.error).toBeUndefined();
      const expected = expectedOf(code);
      expect(expected).not.toEqual([]);
      const printed = ran[index]?.printed.join('\n').trimEnd().split('\n') ?? [];
      expect(printed).toHaveLength(expected.length);
      for (const [line, want] of expected.entries())
        if (typeof want === 'string') expect(printed[line]).toBe(want);
        else expect(printed[line]).toMatch(want);
    },
  );
});

describe('every exported name', () => {
  const names = EXPORTS.flatMap(({ names: each, file, text }) =>
    each.map((name) => ({ name, file, text })),
  );
  it.each(names.map(({ name, file, text }) => [name, file, text]))(
    '%s has a docstring',
    (name, _, text) => {
      const declaration = new RegExp(
        `\\*/\\nexport (?:const|type|interface|class|function|async function) ${name}\\b`,
      );
      expect(text).toMatch(declaration);
    },
  );

  const shown = names.map(({ name }) => name).filter((name) => !PARTS.has(name));
  it.each(shown)('%s is on the page', (name) => {
    expect(PAGE).toContain(`\`${name}`);
  });
});
