// Set-up for every command of package.json: dependencies as locked, then a build if the sources are
// newer. It prints only what it does, and does nothing where nothing is to be done. Plain Node,
// since nothing is installed yet.
//
//   --start for `npm start`: ends at once where no box can be opened --test for `npm test`: says
//   what will be skipped where no box can be opened --prepare run by npm itself, in `npm ci` and
//   for `npm install git+...`: builds, never installs --tools also what checks the package and
//   writes the API reference (tools/)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unmetNeeds } from './host-needs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const compiler = join(modules, 'typescript', 'bin', 'tsc');
const bundler = join(modules, 'rolldown', 'bin', 'cli.mjs');
const stampFolder = join(modules, '.cache', 'cxlbox');
const option = process.argv[2] ?? '';
/** As `cxlbox` says that a box could not be opened. */
const NO_BOX = 125;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `cxlbox needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and try again.`,
  );
  process.exit(2);
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest('hex');
}

function stamp(name, inputs) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), fingerprint(inputs));
}

/** Runs `work` unless it already ran for these very inputs. */
function once(name, inputs, needed, work) {
  const path = join(stampFolder, name);
  const done = existsSync(path) && readFileSync(path, 'utf8') === fingerprint(inputs);
  if (done && existsSync(needed)) return;
  work();
  stamp(name, inputs);
}

function run(title, command, args, { cwd = root, output = 'inherit' } = {}) {
  console.error(title);
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', output, 'inherit'] });
  if (result.status === 0) return;
  console.error(
    `set-up: '${command} ${args.join(' ')}' failed (${result.error?.message ?? `status ${result.status}`})`,
  );
  process.exit(result.status ?? 1);
}

// Without scripts: `prepare` would call this file again. The other options undo what `npm pack
// --dry-run` and the like leave in the environment for a npm inside of them. What npm prints is no
// output of `npm pack --json`.
const INSTALL = [
  ...['ci', '--ignore-scripts', '--include=dev', '--dry-run=false', '--global=false'],
  ...['--no-audit', '--no-fund', '--loglevel=error'],
];

const lock = join(root, 'package-lock.json');

function install() {
  once('install', [lock], join(modules, '.package-lock.json'), () =>
    run('set-up: installing dependencies', 'npm', INSTALL, { output: 2 }),
  );
}

function installTools() {
  const folder = join(root, 'tools');
  const installed = join(folder, 'node_modules', '.package-lock.json');
  once('tools', [join(folder, 'package-lock.json')], installed, () =>
    run('set-up: installing the tools', 'npm', INSTALL, { cwd: folder, output: 2 }),
  );
}

function build() {
  const sources = [
    fileURLToPath(import.meta.url),
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.build.json'),
    ...filesBelow(join(root, 'src')),
    ...filesBelow(join(root, 'machines')),
    ...filesBelow(join(root, 'conformance', 'add-writes')),
  ];
  once('build', sources, join(root, 'dist'), () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    run('set-up: building', process.execPath, [compiler, '-p', 'tsconfig.build.json']);
    // Where box/ and run/ both look for it.
    cpSync(join(root, 'src', 'bridge'), join(root, 'dist', 'bridge'), { recursive: true });
    bundle();
    run('set-up: resolving the machines', process.execPath, ['scripts/resolve-machines.mjs']);
  });
}

/**
 * One file a process instead of two hundred: a box opens in half the time. Not minified, so traces
 * stay readable.
 */
function bundle() {
  const programs = [
    bundler,
    ...[
      'cli/main',
      'box/init',
      'box/machine-worker',
      'box/socket-process',
      'fuse/late-answers-thread',
    ].map((name) => `dist/${name}.js`),
    ...['--dir', 'dist/run', '--format', 'esm', '--platform', 'node'],
  ];
  // It prints a line a file; what goes wrong it says on standard error.
  run('set-up: bundling the programs', process.execPath, programs, { output: 'ignore' });
  // The converter of recordings is for a checkout: `npm pack` leaves it out.
  const converter = [
    bundler,
    ...['add-writes', 'main'].map((name) => `conformance/add-writes/${name}.ts`),
    ...['--dir', 'dist/conformance', '--format', 'esm', '--platform', 'node'],
  ];
  run('set-up: bundling the converter of recordings', process.execPath, converter, {
    output: 'ignore',
  });
  // The bundle holds code of these packages, whose licences ask to be passed on with it.
  const notices = ['commander', 'yaml', 'zod'].map((name) => {
    const licence =
      readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file)) ?? 'LICENSE';
    return `${name}\n\n${readFileSync(join(modules, name, licence), 'utf8')}`;
  });
  writeFileSync(join(root, 'dist', 'run', 'THIRD-PARTY-LICENCES.txt'), notices.join('\n----\n\n'));
}

/**
 * What npm has just installed, as locked; not where it was told to leave the development
 * dependencies out.
 */
function prepare() {
  if (!existsSync(compiler) || !existsSync(bundler)) {
    console.error(
      'set-up: cxlbox is not built, since its development dependencies are not installed here.\n' +
        '  what to do: node scripts/setup.mjs',
    );
    return;
  }
  if (['ci', 'install'].includes(process.env.npm_command ?? '')) stamp('install', [lock]);
  build();
}

function needsText() {
  return unmetNeeds().map(({ what, remedy }) => `  ${what}\n    what to do: ${remedy}\n`);
}

function demand() {
  const needs = needsText();
  if (needs.length === 0) return;
  console.error(
    `set-up: \`npm start\` shows a demo in a box, and no box can be opened on this host:\n${needs.join('')}` +
      '  Nothing was installed. What works without boxes: npm test, `cxlbox replay`, and cxlbox as a library.',
  );
  process.exit(NO_BOX);
}

function mention() {
  const needs = needsText();
  if (needs.length === 0) return;
  console.error(
    `set-up: no box can be opened on this host, so tests that open one are skipped:\n${needs.join('').trimEnd()}`,
  );
}

if (option === '--prepare') prepare();
else {
  if (option === '--start') demand();
  if (option === '--test') mention();
  install();
  build();
  if (option === '--tools') installTools();
}
