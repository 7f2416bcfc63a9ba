/**
 * An empty project with the package installed from its tarball.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cxlbox.ts';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(program: string, args: readonly string[], cwd: string): Ran {
  // What `npm test` says of itself is not meant for a npm below it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    input: '',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

interface Locked {
  readonly dev?: boolean;
}
interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

/** The packages of this project's lock that a user installs as well. */
function runTimePackages(): Record<string, Locked> {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  return Object.fromEntries(
    Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true),
  );
}

/**
 * Installs `tarball` in the new folder `project`. With a lock, so that npm takes what it has in its
 * cache since it installed this project, and asks a registry only for what it has lost.
 */
export function install(tarball: string, project: string): Ran {
  mkdirSync(project);
  const dependencies = { cxlbox: `file:${tarball}` };
  const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly bin: Readonly<Record<string, string>>;
  };
  const root = { name: 'consumer', version: '1.0.0', private: true, type: 'module', dependencies };
  const cxlbox = {
    version: own.version,
    resolved: `file:${tarball}`,
    dependencies: own.dependencies,
    bin: own.bin,
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(root));
  writeFileSync(
    join(project, 'package-lock.json'),
    JSON.stringify({
      name: 'consumer',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: { '': root, 'node_modules/cxlbox': cxlbox, ...runTimePackages() },
    }),
  );
  return run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], project);
}
