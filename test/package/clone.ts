/**
 * A clone of this project as npm sees it, without its build: the files of the work tree that git
 * knows, and the packages that are installed here, which are linked and not copied.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../cxlbox.ts';

/** Not needed to build and pack. */
const LEFT_OUT = /^(test|bench|conformance\/(open|walks))\//;

function knownToGit(): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', list, { cwd: ROOT, encoding: 'utf8' });
  return stdout.split('\n').filter((path) => path !== '' && !LEFT_OUT.test(path));
}

export function cloneInto(folder: string): void {
  for (const path of knownToGit()) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((each) => each !== '.cache'))
    if (name === '.package-lock.json')
      copyFileSync(join(ROOT, 'node_modules', name), join(modules, name));
    else symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
}
