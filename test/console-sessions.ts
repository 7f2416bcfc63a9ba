/**
 * The console sessions of a page: commands with what they print, run on a machine in this process
 * as a shell would run them in a box.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KernelError } from '../src/errno.ts';
import { readFile, writeFile } from '../src/kernfs/access.ts';
import { boot } from '../src/platform/boot.ts';
import { parseMachine } from '../src/platform/description/parse.ts';
import type { BootedMachine } from '../src/platform/machine.ts';
import { ROOT } from './cxlbox.ts';

const MACHINE = readFileSync(join(ROOT, 'machines', 'default.yaml'), 'utf8');

const MESSAGES: Readonly<Record<string, string>> = {
  EBUSY: 'Device or resource busy',
  EHWPOISON: 'Memory page has hardware error',
  EIO: 'Input/output error',
  ENODEV: 'No such device',
  ENOMEM: 'Cannot allocate memory',
  ENXIO: 'No such device or address',
  ETIMEDOUT: 'Connection timed out',
};

const COMMANDS: readonly (readonly [
  RegExp,
  (machine: BootedMachine, words: readonly string[]) => string,
])[] = [
  [
    /^echo (.+) > (\S+)$/,
    ({ kernel }, [text = '', path = '']) => {
      writeFile(kernel.root, path, `${text}\n`);
      return '';
    },
  ],
  [
    /^sleep (\d+)$/,
    ({ kernel }, [seconds = '']) => {
      kernel.work.advance(Number(seconds) * 1000);
      return '';
    },
  ],
  [/^cat (\S+)$/, ({ kernel }, [path = '']) => readFile(kernel.root, path)],
  [
    /^grep '?([^']+?)'? (\S+)$/,
    ({ kernel }, [word = '', path = '']) =>
      readFile(kernel.root, path)
        .split('\n')
        .filter((line) => line.includes(word))
        .map((line) => `${line}\n`)
        .join(''),
  ],
];

/** What a shell would print. */
function execute(machine: BootedMachine, command: string): string {
  for (const [pattern, run] of COMMANDS) {
    const match = pattern.exec(command);
    if (match === null) continue;
    try {
      return run(machine, match.slice(1));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return `sh: write error: ${MESSAGES[error.errno] ?? error.errno}\n`;
    } finally {
      machine.kernel.work.settle();
    }
  }
  throw new Error(`no such command in the sessions: ${command}`);
}

/** The lines of the log are numbered from boot on. */
function withoutLineNumbers(text: string): string {
  return text.replace(/^(\d),\d+;/gm, '$1,;');
}

/** Runs every session of the page, at least `least` of them, each on a machine of its own. */
export function runSessions(page: string, least: number): void {
  const document = readFileSync(join(ROOT, page), 'utf8');
  const sessions = [...document.matchAll(/^```console ?(.*)\n([\s\S]*?)^```/gm)].map(
    ([, options = '', text = '']) => [options, text] as const,
  );

  describe(page, () => {
    it('has sessions', () => {
      expect(sessions.length).toBeGreaterThanOrEqual(least);
    });

    it.each(sessions)('session %#: %s', (options, text) => {
      const memmap = options === 'memmap_on_memory=Y' ? 'Y' : 'N';
      const machine = boot(
        parseMachine(
          MACHINE.replace('memmap_on_memory: N', `memmap_on_memory: ${memmap}`),
          'default',
        ),
      );
      const commands = text.split('\n').filter((line) => line.startsWith('$ '));
      const printed = commands
        .map((line) => `${line}\n${execute(machine, line.slice(2))}`)
        .join('');
      expect(withoutLineNumbers(printed)).toBe(withoutLineNumbers(text));
    });
  });
}
