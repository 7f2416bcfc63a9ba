import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the folder of this package has, and none of those below it. */
const MARKS = ['package.json', 'machines'] as const;

/** The folder of this package: the nearest above this file, wherever the build put the file. */
export function packageRoot(): string {
  const isRoot = (folder: string): boolean => MARKS.every((name) => existsSync(join(folder, name)));
  let at = dirname(fileURLToPath(import.meta.url));
  while (!isRoot(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
