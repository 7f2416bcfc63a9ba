/**
 * What the command in a box finds in its environment, beside the caller's.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { looksLikeFile } from '../../machine-files/machine-name.ts';
import { packageRoot } from '../../machine-files/package-root.ts';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function has(path: string, program: string): boolean {
  return path
    .split(delimiter)
    .some((folder) => isAbsolute(folder) && isExecutable(join(folder, program)));
}

/** `path`, and at its end the folders of `cxlbox` and of Node, as far as they are missing. */
export function insidePath(path: string): string {
  const wanted = [
    ['cxlbox', join(packageRoot(), 'bin', 'inside')],
    ['node', dirname(process.execPath)],
  ] as const;
  const missing = wanted.filter(([program]) => !has(path, program)).map(([, folder]) => folder);
  return [path, ...missing].filter((folder) => folder !== '').join(delimiter);
}

/** `machine` is a name, or a file, which is told by its full path. */
export function boxEnvironment(machine: string): Record<string, string> {
  return {
    PATH: insidePath(process.env.PATH ?? ''),
    CXLBOX_MACHINE: looksLikeFile(machine) ? resolve(machine) : machine,
  };
}
