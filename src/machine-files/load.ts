/**
 * Machine descriptions on disk: the named machines of the package, and files of users.
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { nearest } from '../platform/description/did-you-mean.ts';
import { LIMITS } from '../platform/description/limits.ts';
import { parseMachine } from '../platform/description/parse.ts';
import type { MachineDescription } from '../platform/description/types.ts';
import { isStdin } from '../user-files/read-bytes.ts';
import { readStart } from '../user-files/read-text.ts';
import { looksLikeFile } from './machine-name.ts';
import { packageRoot } from './package-root.ts';

/**
 * The name or path that {@link loadMachine} was given leads nowhere. The message suggests a near
 * name.
 *
 * @example
 * ```ts
 * import { loadMachine, UnknownMachineError } from 'cxlbox';
 *
 * try {
 *   loadMachine('switch3');
 * } catch (error) {
 *   if (!(error instanceof UnknownMachineError)) throw error;
 *   console.log(error.message.endsWith("Did you mean 'switch2'?")); // true
 * }
 * ```
 */
export class UnknownMachineError extends Error {
  /** The name or path. */
  readonly asked: string;
  /** The names that there are. */
  readonly known: readonly string[];

  constructor(asked: string, known: readonly string[]) {
    const near = nearest(asked, known);
    const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
    super(`No machine '${asked}': it is neither a file nor one of ${known.join(', ')}.${hint}`);
    this.name = 'UnknownMachineError';
    this.asked = asked;
    this.known = known;
  }
}

/** Of a character in UTF-8: the parser refuses a text that is longer than its limit. */
const MOST_BYTES = 4;

function machinesFolder(): string {
  return join(packageRoot(), 'machines');
}

/**
 * The names that {@link loadMachine} knows, sorted: the machines that this package ships.
 *
 * @example
 * ```ts
 * import { namedMachines } from 'cxlbox';
 *
 * console.log(namedMachines().includes('switch2')); // true
 * ```
 */
export function namedMachines(): string[] {
  return readdirSync(machinesFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Where the text of a machine is. `-`, a path, or what ends in `.yaml`, is a file, which may be a
 * pipe or another device; all else is a name.
 */
export function machineFile(nameOrFile: string): string {
  if (isStdin(nameOrFile)) return nameOrFile;
  if (looksLikeFile(nameOrFile)) {
    const found = statSync(nameOrFile, { throwIfNoEntry: false });
    if (found !== undefined && !found.isDirectory()) return nameOrFile;
    throw new UnknownMachineError(nameOrFile, namedMachines());
  }
  if (!namedMachines().includes(nameOrFile))
    throw new UnknownMachineError(nameOrFile, namedMachines());
  return join(machinesFolder(), `${nameOrFile}.yaml`);
}

/** What messages call it. */
function titleOf(nameOrFile: string): string {
  if (isStdin(nameOrFile)) return '<stdin>';
  return looksLikeFile(nameOrFile) ? nameOrFile : `${nameOrFile}.yaml`;
}

/**
 * The folder that paths in a machine file are relative to: its own; the working directory for what
 * lies in none.
 */
function folderOf(file: string): string {
  return !isStdin(file) && statSync(file).isFile() ? dirname(file) : '.';
}

/**
 * Reads a machine description: of a machine that ships by its name, or of a file, which is what has
 * a `/` in it or ends in `.yaml` or `.yml`, from the current folder; `-` is standard input. Boot it
 * with {@link boot}. Throws {@link UnknownMachineError}, {@link DescriptionError}, or an Error
 * `cannot read FILE: ...`.
 *
 * @example
 * ```ts
 * import { loadMachine } from 'cxlbox';
 *
 * console.log(loadMachine('default').regions.length); // 2
 * ```
 */
export function loadMachine(nameOrFile: string): MachineDescription {
  const file = machineFile(nameOrFile);
  const text = readStart(file, LIMITS.text * MOST_BYTES);
  const machine = parseMachine(text, titleOf(nameOrFile));
  return machine.media === undefined
    ? machine
    : { ...machine, media: resolve(folderOf(file), machine.media) };
}
