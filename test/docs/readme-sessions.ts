/**
 * The commands of README.md with what it shows of their output: blocks of the form
 *
 *     ```console
 *     $ npx cxlbox ...
 *     what it prints; a line of three dots stands for any lines
 *     ```
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cxlbox.ts';

export interface Step {
  readonly command: string;
  readonly shown: string;
}

export function readmeSteps(): Step[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  return blocks
    .flatMap((block) => block.split(/^(?=\$ )/m))
    .map((step) => {
      const [first = '', ...lines] = step.split('\n');
      return { command: first.slice(2), shown: lines.join('\n') };
    });
}

/** What the output has to look like. */
export function patternOf(shown: string): RegExp {
  const parts = shown
    .split('\n')
    .map((line) =>
      line === '...'
        ? '(?:.*\\n)*?'
        : `${line.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${line === '' ? '' : '\\n'}`,
    );
  return new RegExp(`^${parts.join('')}$`);
}

/** The program that a command runs in its box, if it names one. */
export function programOf(command: string): string | undefined {
  const [, program] = / -- (\S+)/.exec(command) ?? [];
  return program === 'sh' ? /; (\w+) [^;]*'$/.exec(command)?.[1] : program;
}
