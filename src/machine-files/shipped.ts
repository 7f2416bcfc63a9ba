/**
 * The machines that ship, as the build has resolved them: neither YAML nor a schema is needed to
 * open a box.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineDescription } from '../platform/description/types.ts';
import { looksLikeFile } from './machine-name.ts';
import { packageRoot } from './package-root.ts';
import { fromJson } from './plain-data.ts';

/** Below the folder of the package. */
export const RESOLVED = 'dist/machines';

/**
 * The machine of that name; undefined: no such one ships, or its file was changed since the build,
 * or it has to be read in any case.
 */
export function shippedMachine(name: string, root = packageRoot()): MachineDescription | undefined {
  if (looksLikeFile(name)) return undefined;
  const written = statSync(join(root, 'machines', `${name}.yaml`), { throwIfNoEntry: false });
  const path = join(root, RESOLVED, `${name}.json`);
  const resolved = statSync(path, { throwIfNoEntry: false });
  if (written === undefined || resolved === undefined) return undefined;
  if (written.mtimeMs > resolved.mtimeMs) return undefined;
  return fromJson(readFileSync(path, 'utf8')) as MachineDescription;
}
