/**
 * Command lines of the programs of a box that are ours. They are bundled, a file each, wherever the
 * code lies that starts them.
 */
import { join } from 'node:path';
import { packageRoot } from '../machine-files/package-root.ts';

/** `options` are Node's. */
export function nodeProgram(name: string, options: readonly string[] = []): readonly string[] {
  const program = join(packageRoot(), 'dist', 'run', 'program.js');
  return [process.execPath, ...options, program, name];
}
