/**
 * What a command of a recording did to the machine, done again without the command: the sysfs reads and writes that
 * the tool makes, as `conformance/open/m-17-cli-syscalls` shows them.
 */
import { ERRNO, type Errno } from '../../errno.ts';
import type { Machine } from '../../platform/machine.ts';
import type { TreeFiles } from '../tree-files.ts';
import { failed } from '../tree-files.ts';

export interface ToolContext {
  readonly files: TreeFiles;
  readonly machine: Machine;
}

/** What is known of the command's result; what is absent is not emulated. */
export interface ToolOutcome {
  readonly status?: number;
  readonly stdout?: string;
  /** Lines of `stdout` are a set: the tool lists in directory order. */
  readonly unordered?: boolean;
}

/** `words` are the arguments behind the command's name. Undefined: not emulated. */
export type Tool = (context: ToolContext, words: readonly string[]) => ToolOutcome | undefined;

/** Exit status of a tool of the ndctl family that fails with a negative errno. */
export function statusOf(errno: string): number {
  return 256 - (ERRNO[errno as Errno] ?? 1);
}

/** What the ndctl libraries write: the text and a NUL. The errno, or undefined for success. */
export function writeString(
  { files }: ToolContext,
  path: string,
  text: string,
): string | undefined {
  const outcome = files.write(path, `${text}\0`);
  return failed(outcome) ? outcome.errno : undefined;
}

/** A number as the libraries write it: with newline and NUL. */
export function writeNumber(
  context: ToolContext,
  path: string,
  value: number | string,
): string | undefined {
  return writeString(context, path, `${value}\n`);
}

export function readLine({ files }: ToolContext, path: string): string {
  return (files.text(path) ?? '').trimEnd();
}

/** The path with its links followed, or undefined. */
export function realPath({ files }: ToolContext, path: string): string | undefined {
  const node = files.lookup(path);
  if (node === undefined) return undefined;
  const parts: string[] = [];
  for (let at: typeof node | undefined = node; at?.parent !== undefined; at = at.parent)
    parts.unshift(at.name);
  return `/${parts.join('/')}`;
}

/** The driver that the device at `path` is bound to. */
export function driverOf(context: ToolContext, path: string): string | undefined {
  return realPath(context, `${path}/driver`)?.split('/').at(-1);
}

/** Options of a command line; those in `valued` take the next word. */
export function parseOptions(
  words: readonly string[],
  valued: readonly string[],
): { options: Map<string, string>; names: string[] } {
  const options = new Map<string, string>();
  const names: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const [flag = word, inline] = word.split('=', 2);
    if (!word.startsWith('-')) names.push(word);
    else if (valued.includes(flag)) options.set(flag, inline ?? queue.shift() ?? '');
    else options.set(flag, '');
  }
  return { options, names };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** `256M`, `4G`, `0x1000`; NaN if it is no size. */
export function parseToolSize(text: string): number {
  const match = /^(0x[0-9a-fA-F]+|\d+)([KMGT]?)$/.exec(text);
  return match ? Number(match[1]) * (SIZE_UNITS[match[2] ?? ''] ?? 1) : Number.NaN;
}

/**
 * A tool of sub-commands; listings and help are none of them. `prepare` runs before a command; false: the tool finds
 * nothing to work on.
 */
export function toolOf(
  commands: Readonly<Record<string, Tool>>,
  prepare: (context: ToolContext) => boolean,
): Tool {
  return (context, words) => {
    const [name = '', ...rest] = words;
    const command = commands[name];
    if (command === undefined || rest.includes('--help') || !prepare(context)) return undefined;
    return command(context, rest);
  };
}
