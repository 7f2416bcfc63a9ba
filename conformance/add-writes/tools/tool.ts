/**
 * What a tool of the recordings wrote, found out by doing what the tool does: the sysfs reads and
 * writes that `conformance/open/m-17-cli-syscalls` shows, and what tools.md of cxl, daxctl and
 * util-linux say beyond it.
 */
import { ERRNO, type Errno } from '../../../src/errno.ts';
import type { RunStep } from '../../../src/replay/trace.ts';
import { failed, type TreeFiles, type WriteOutcome } from '../../../src/replay/tree-files.ts';

export interface ToolContext {
  readonly files: TreeFiles;
  /** The step: what the tool printed tells what it chose. */
  readonly step: RunStep;
  /** Does one write, and notes it. */
  write(path: string, data: string): WriteOutcome;
  /** Has a module loaded or unloaded, and notes it; the errno of a refusal. */
  module(action: 'load' | 'unload', name: string): string | undefined;
  /**
   * Which of `count` ways to behave the tool takes here, from 0. What the recording says of the
   * state afterwards decides: where way 0 does not lead there, the next one is tried.
   */
  choose(count: number): number;
}

/** Exit status of the tool; absent: not known. */
export interface ToolOutcome {
  readonly status?: number;
}

/**
 * `words` are the arguments behind the command's name. Undefined: nothing is known of this command.
 */
export type Tool = (context: ToolContext, words: readonly string[]) => ToolOutcome | undefined;

/** Exit status of a tool of the ndctl family that fails with a negative errno. */
export function statusOf(errno: string): number {
  return 256 - (ERRNO[errno as Errno] ?? 1);
}

/** What the ndctl libraries write: the text and a NUL. The errno, or undefined for success. */
export function writeString(context: ToolContext, path: string, text: string): string | undefined {
  const outcome = context.write(path, `${text}\0`);
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
