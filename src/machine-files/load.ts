/**
 * Machine descriptions on disk: the named machines of the package, and files of users.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { nearest } from '../platform/description/did-you-mean.ts';
import { parseMachine } from '../platform/description/parse.ts';
import type { MachineDescription } from '../platform/description/types.ts';
import { looksLikeFile } from './machine-name.ts';
import { packageRoot } from './package-root.ts';

/** The name or path that was asked for leads nowhere. */
export class UnknownMachineError extends Error {
  readonly asked: string;
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

function machinesFolder(): string {
  return join(packageRoot(), 'machines');
}

/** The names that `loadMachine` knows, sorted. */
export function namedMachines(): string[] {
  return readdirSync(machinesFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** Where the text of a machine is. A path, or what ends in `.yaml`, is a file; all else is a name. */
export function machineFile(nameOrFile: string): string {
  if (looksLikeFile(nameOrFile)) {
    if (statSync(nameOrFile, { throwIfNoEntry: false })?.isFile()) return nameOrFile;
    throw new UnknownMachineError(nameOrFile, namedMachines());
  }
  if (!namedMachines().includes(nameOrFile))
    throw new UnknownMachineError(nameOrFile, namedMachines());
  return join(machinesFolder(), `${nameOrFile}.yaml`);
}

/** Throws UnknownMachineError, DescriptionError, or what reading the file throws. */
export function loadMachine(nameOrFile: string): MachineDescription {
  const file = machineFile(nameOrFile);
  const machine = parseMachine(
    readFileSync(file, 'utf8'),
    looksLikeFile(nameOrFile) ? nameOrFile : `${nameOrFile}.yaml`,
  );
  return machine.media === undefined
    ? machine
    : { ...machine, media: resolve(dirname(file), machine.media) };
}
