/**
 * Runs the search for stale names (`stale-names.mjs`) in a box.
 */
import { fileURLToPath } from 'node:url';
import type { NameService } from '../../src/box/protocol.ts';
import { CLI } from '../cxlbox.ts';
import { finish, startProgram, type Who } from './box-process.ts';

const PROGRAM = fileURLToPath(new URL('./stale-names.mjs', import.meta.url));

export interface StaleNames {
  readonly operations: number;
  /** Looks at names during which the machine did not change. */
  readonly probes: number;
  /** What they saw that was not so. */
  readonly wrong: readonly string[];
  /** Names that are there in some states only. */
  readonly changing: number;
}

export interface SearchOptions {
  readonly who: Who;
  readonly names: NameService;
  readonly operations: number;
  readonly readers: number;
  readonly seed: number;
}

export async function findStaleNames(options: SearchOptions): Promise<StaleNames> {
  const { who, names, operations, readers, seed } = options;
  const program = [process.execPath, PROGRAM, `${operations}`, `${readers}`, `${seed}`];
  const box = [process.execPath, CLI, 'run', '--names', names, '--', ...program];
  const { stdout, stderr } = await finish(startProgram(who, box), '');
  if (!stdout.startsWith('{')) throw new Error(`the search failed: ${stderr}`);
  return JSON.parse(stdout) as StaleNames;
}
