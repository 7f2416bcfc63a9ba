/**
 * Machine descriptions on disk: the named machines of the package, and files of users.
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { nearest } from '../platform/description/did-you-mean.ts';
import { parseMachine } from '../platform/description/parse.ts';
import type { MachineDescription } from '../platform/description/types.ts';
import { packageRoot } from './package-root.ts';
import { isStdin, readText } from './read-text.ts';

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

/** The file is there and cannot be read. */
export class UnreadableMachineError extends Error {
  constructor(file: string, cause: Error) {
    super(`The machine file '${file}' cannot be read: ${cause.message}`, { cause });
    this.name = 'UnreadableMachineError';
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

function looksLikeFile(nameOrFile: string): boolean {
  return isStdin(nameOrFile) || nameOrFile.includes('/') || /\.ya?ml$/.test(nameOrFile);
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
 * The folder that paths in a machine file are relative to: its own, or for what is in none the
 * working directory.
 */
function folderOf(file: string): string {
  return !isStdin(file) && statSync(file).isFile() ? dirname(file) : '.';
}

function textOf(file: string): string {
  try {
    return readText(file);
  } catch (error) {
    throw error instanceof Error ? new UnreadableMachineError(file, error) : error;
  }
}

/** Throws UnknownMachineError, UnreadableMachineError or DescriptionError. */
export function loadMachine(nameOrFile: string): MachineDescription {
  const file = machineFile(nameOrFile);
  const machine = parseMachine(textOf(file), titleOf(nameOrFile));
  return machine.media === undefined
    ? machine
    : { ...machine, media: resolve(folderOf(file), machine.media) };
}
