// The package as its users get it: packed from a clone that was not built, installed in an empty
// project, called as the README says, imported, required, and compiled against.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USERS } from '../box/box-process.ts';
import { installed, ROOT } from '../cxlbox.ts';
import { patternOf, programOf, readmeSteps } from '../docs/readme-sessions.ts';
import { cloneInto } from './clone.ts';
import { install, type Ran, run } from './consumer.ts';

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** `node scripts/setup.mjs --tools` installs them; CI does. */
const TOOLS = join(ROOT, 'tools', 'node_modules');
const withTools = it.skipIf(!existsSync(TOOLS));
const withBoxes = it.skipIf(USERS.length === 0);
const MEGABYTE = 1_000_000;
const MINUTES = 60_000;

let folder = '';
let clone = '';
let project = '';
let unbuilt: Ran;
let prepared: Ran;
let packed: Packed;

const node = (...args: string[]): Ran => run(process.execPath, args, project);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-package-'));
  clone = join(folder, 'clone');
  project = join(folder, 'project');
  cloneInto(clone);
  unbuilt = run(process.execPath, [join(clone, 'bin', 'cxlbox.js'), 'run', '--', 'true'], folder);
  // npm calls it at the end of `npm ci`, and before it packs what `npm install git+...` has cloned.
  const setup = join(clone, 'scripts', 'setup.mjs');
  prepared = run('env', ['npm_command=ci', process.execPath, setup, '--prepare'], clone);
  rmSync(join(clone, 'dist'), { recursive: true, force: true });
  const { stdout } = run('npm', ['pack', '--json', '--pack-destination', folder], clone);
  const [first] = JSON.parse(stdout) as Packed[];
  if (first === undefined) throw new Error('npm pack packed nothing');
  packed = first;
  const { stderr, status } = install(join(folder, packed.filename), project);
  expect([status, stderr]).toEqual([0, '']);
}, 5 * MINUTES);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a clone', () => {
  it('that is not built says what to run', () => {
    expect(unbuilt).toEqual({
      status: 125,
      stdout: '',
      stderr:
        `cxlbox: ${clone}/ holds the sources and no build of them\n` +
        '  what to do: npm start there, which installs, builds and shows a demo; ' +
        'or node scripts/setup.mjs\n',
    });
  });

  it('is built by `prepare`, which installs nothing: npm has just done that', () => {
    expect([prepared.status, prepared.stdout]).toEqual([0, '']);
    expect(prepared.stderr).toMatch(/^set-up: building\nset-up: bundling the programs\n/);
    expect(prepared.stderr).not.toContain('installing');
  });
});

describe('the package', () => {
  const has = (path: string): boolean => packed.files.some((file) => file.path === path);

  it.each([
    'dist/index.js',
    'dist/index.d.ts',
    'dist/run/main.js',
    'dist/run/THIRD-PARTY-LICENCES.txt',
    'examples/demo.sh',
    'machines/default.yaml',
    'CHANGELOG.md',
    'LICENSE',
  ])('has %s', (path) => {
    expect(has(path)).toBe(true);
  });

  it('has neither recordings nor tests nor sources', () => {
    const strange = /^(conformance\/.*\.gz|test\/|src\/|.*\.test\.)/;
    expect(packed.files.map(({ path }) => path).filter((path) => strange.test(path))).toEqual([]);
  });

  it('is smaller than a megabyte and a half', () => {
    expect(packed.size).toBeLessThan(1.5 * MEGABYTE);
  });

  it('has what the links of its README lead to', () => {
    const targets = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)/g)];
    const local = targets.map(([, target = '']) => target).filter((each) => !/^\w+:/.test(each));
    expect(local.filter((target) => !has(target))).toEqual([]);
  });

  withTools('is clean for publint', () => {
    const publint = join(TOOLS, 'publint', 'src', 'cli.js');
    const { stdout, status } = node(publint, join(folder, packed.filename), '--strict');
    expect(stdout).toContain('All good!');
    expect(status).toBe(0);
  });

  // Node 20.19 can require an ES module: what attw has against it held for older ones.
  withTools('is clean for @arethetypeswrong/cli', () => {
    const attw = join(TOOLS, '@arethetypeswrong', 'cli', 'dist', 'index.js');
    const { stdout, status } = node(
      attw,
      join(folder, packed.filename),
      ...['--profile', 'esm-only', '--no-emoji', '--no-color'],
    );
    expect(stdout).toContain('node16 (from ESM)');
    expect(status).toBe(0);
  });
});

describe('in an empty project', () => {
  const ready = ({ command }: { readonly command: string }): boolean =>
    installed(programOf(command) ?? 'sh') || programOf(command) === 'cxlbox';
  const steps = readmeSteps();

  it('the README has commands', () => {
    expect(steps.length).toBeGreaterThan(7);
  });

  // The first by npx, which takes a second longer to find what it starts; the others directly.
  const direct = (command: string): string =>
    command === steps[0]?.command
      ? command
      : command.replace(/^npx cxlbox /, `${join(project, 'node_modules', '.bin', 'cxlbox')} `);

  for (const step of steps) {
    it.skipIf(USERS.length === 0 || !ready(step))(step.command, () => {
      // As in a terminal: what is printed on either stream.
      const { stdout } = run('sh', ['-c', `exec 2>&1; ${direct(step.command)}`], project);
      expect(stdout).toMatch(patternOf(step.shown));
    });
  }

  withBoxes('npx cxlbox shell', () => {
    const { status } = run('npx', ['cxlbox', 'shell'], project);
    expect(status).toBe(0);
  });

  withBoxes('npx cxlbox demo', () => {
    const { status, stdout, stderr } = run('sh', ['-c', direct('npx cxlbox demo')], project);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('/dev/dax1.0: found 512 pages');
    expect(stdout).not.toContain('conformance');
  });

  const USE = `console.log(boot(loadMachine('default')).kernel.log.lines().length > 0);`;

  it('can be imported', () => {
    writeFileSync(join(project, 'use.mjs'), `import { boot, loadMachine } from 'cxlbox';\n${USE}`);
    expect(node('use.mjs')).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  });

  it('can be required', () => {
    writeFileSync(
      join(project, 'use.cjs'),
      `const { boot, loadMachine } = require('cxlbox');\n${USE}`,
    );
    expect(node('--disable-warning=ExperimentalWarning', 'use.cjs')).toEqual({
      status: 0,
      stdout: 'true\n',
      stderr: '',
    });
  });
});

describe('the types', () => {
  const OWN = join(ROOT, 'node_modules', 'typescript');
  const COMPILERS = [
    ['the oldest that docs/library.md names', join(TOOLS, 'typescript-oldest'), '5.7', 'NodeNext'],
    ['the oldest that docs/library.md names', join(TOOLS, 'typescript-oldest'), '5.7', 'Bundler'],
    ['TypeScript 6', join(TOOLS, 'typescript'), '6.', 'NodeNext'],
    ['that of this project', OWN, '7.', 'NodeNext'],
  ] as const;

  for (const [title, compiler, version, moduleResolution] of COMPILERS) {
    const module = moduleResolution === 'Bundler' ? 'ESNext' : moduleResolution;
    it.skipIf(!existsSync(compiler))(
      `hold without skipLibCheck and without @types: ${title}, ${moduleResolution}`,
      () => {
        const options = {
          ...{ noEmit: true, strict: true, skipLibCheck: false, types: [], target: 'ES2022' },
          ...{ module, moduleResolution, exactOptionalPropertyTypes: true },
        };
        const config = join(project, `tsconfig-${moduleResolution}.json`);
        writeFileSync(config, JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
        writeFileSync(
          join(project, 'use.ts'),
          readFileSync(join(import.meta.dirname, 'consumer-types.txt'), 'utf8'),
        );
        const tsc = join(compiler, 'bin', 'tsc');
        expect(node(tsc, '--version').stdout).toContain(`Version ${version}`);
        expect(node(tsc, '-p', config)).toEqual({ status: 0, stdout: '', stderr: '' });
      },
    );
  }

  it('need no newer TypeScript than the documentation says', () => {
    const page = readFileSync(join(ROOT, 'docs', 'library.md'), 'utf8');
    expect(page).toContain('TypeScript 5.7 or newer');
  });
});
