// Set-up for every command of package.json: dependencies as locked, then a build if the sources are newer. It prints
// only what it does, and does nothing where nothing is to be done. Plain Node, since nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFolder = join(modules, '.cache', 'cxlbox');
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
  for (const path of paths) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

/** Runs `work` unless it already ran for these very inputs. */
function once(name, inputs, needed, work) {
  const stamp = join(stampFolder, name);
  const current = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current && existsSync(needed)) return;
  work();
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(stamp, current);
}

function run(title, command, args, output = 'inherit') {
  console.error(title);
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', output, 'inherit'] });
  if (result.status === 0) return;
  console.error(
    `set-up: '${command} ${args.join(' ')}' failed (${result.error?.message ?? `status ${result.status}`})`,
  );
  process.exit(result.status ?? 1);
}

const lock = join(root, 'package-lock.json');
once('install', [lock], join(modules, '.package-lock.json'), () =>
  run('set-up: installing dependencies', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]),
);

const sources = [
  fileURLToPath(import.meta.url),
  join(root, 'tsconfig.json'),
  join(root, 'tsconfig.build.json'),
  ...filesBelow(join(root, 'src')),
];
once('build', sources, join(root, 'dist'), () => {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('set-up: building', process.execPath, [
    join(modules, 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  // One file a process instead of two hundred: a box opens in half the time. Not minified, so traces stay readable.
  const programs = [
    join(modules, 'rolldown', 'bin', 'cli.mjs'),
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
  run('set-up: bundling the programs', process.execPath, programs, 'ignore');
  // The bundle holds code of these packages, whose licences ask to be passed on with it.
  const notices = ['commander', 'yaml', 'zod'].map((name) => {
    const licence =
      readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file)) ?? 'LICENSE';
    return `${name}\n\n${readFileSync(join(modules, name, licence), 'utf8')}`;
  });
  writeFileSync(join(root, 'dist', 'run', 'THIRD-PARTY-LICENCES.txt'), notices.join('\n----\n\n'));
});
