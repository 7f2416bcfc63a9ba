/**
 * The shell commands of the recordings: which of them write nothing, and what some show of single
 * files. What they show is taken from what the recording says they printed; nothing of it is
 * derived.
 */
import type { RunStep, ShownNode } from '../../src/replay/trace.ts';

export type Shows = Readonly<Record<string, ShownNode>>;

/** Commands that only look. `for` loops over the others; `busybox` is judged by its applet. */
const READERS: ReadonlySet<string> = new Set([
  'basename',
  'cat',
  'chmod',
  'dmesg',
  'find',
  'for',
  'grep',
  'head',
  'id',
  'ls',
  'lsmem',
  'ndctl',
  'numactl',
  'numastat',
  'readlink',
  'stat',
  'su',
  'truncate',
  'uname',
]);

const REDIRECTION = /> *\/(?:sys|proc)\//;
/** The files of sysfs are root's: what another user writes is refused at open. */
const AS_NOBODY = /^busybox su -s \S+ nobody /;

/** False for a command that may write, as far as one can see. */
export function writesNothing(argv: string): boolean {
  if (AS_NOBODY.test(argv)) return true;
  const [first = '', applet = ''] = argv.split(/\s+/);
  return READERS.has(first === 'busybox' ? applet : first) && !REDIRECTION.test(argv);
}

function expandBraces(word: string): string[] {
  const braces = /^([^{]*)\{([^}]*)\}(.*)$/.exec(word);
  if (!braces) return [word];
  const [, before = '', alternatives = '', after = ''] = braces;
  return alternatives.split(',').flatMap((each) => expandBraces(`${before}${each}${after}`));
}

function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function file(data: string): ShownNode {
  return { t: 'file', data };
}

/** Undefined where it is not clear which line is whose. */
function shownByCat(paths: readonly string[], stdout: string): Shows | undefined {
  const [only] = paths;
  if (only === undefined || paths.some((path) => path.includes('*'))) return undefined;
  if (paths.length === 1) return { [only]: file(stdout) };
  const printed = lines(stdout);
  if (printed.length !== paths.length) return undefined;
  return Object.fromEntries(paths.map((path, index) => [path, file(`${printed[index]}\n`)]));
}

function shownByLs(paths: readonly string[], stdout: string): Shows | undefined {
  const [only] = paths;
  if (only === undefined) return undefined;
  if (paths.length === 1) return { [only]: { t: 'names', names: lines(stdout) } };
  const sections = stdout.split('\n\n').map((section) => section.trimEnd().split('\n'));
  if (sections.length !== paths.length) return undefined;
  return Object.fromEntries(
    sections.map(([head = '', ...names]) => [head.replace(/:$/, ''), { t: 'names', names }]),
  );
}

/** `path content` a line, or path and content a line each, for every match of a pattern. */
function shownByLoop(pattern: string, name: string, stdout: string): Shows {
  const pairs = [...stdout.matchAll(/^(\/\S+)[ \n](.*)$/gm)];
  const matches = pairs.map(([, path = '']) => path.split('/').at(-1) ?? '');
  return {
    [pattern]: { t: 'names', names: matches },
    ...Object.fromEntries(
      pairs.map(([, path = '', content = '']) => [`${path}/${name}`, file(`${content}\n`)]),
    ),
  };
}

type Reading = (captures: readonly string[], stdout: string) => Shows | undefined;

const LOOP = /^for t in (\S+); do echo \$t(?:;? \$\(cat \$t\/(\w+)\)|; cat \$t\/(\w+)); done$/;

const FORMS: readonly (readonly [RegExp, Reading])[] = [
  [
    /^cat ([^|;<>$]+)$/,
    ([words = ''], stdout) => shownByCat(words.trim().split(/\s+/).flatMap(expandBraces), stdout),
  ],
  [
    /^ls ((?!.*\/sys\/module)\/[^|;<>$*-]+)$/,
    ([words = ''], stdout) => shownByLs(words.trim().split(/\s+/), stdout),
  ],
  [
    /^find (\S+) -maxdepth 1$/,
    ([root = ''], stdout) => ({
      [root]: {
        t: 'names',
        names: lines(stdout).flatMap((path) =>
          path === root ? [] : path.slice(path.lastIndexOf('/') + 1),
        ),
      },
    }),
  ],
  [
    /^basename \$\(readlink (\S+)\)$/,
    ([path = ''], stdout) => ({ [path]: { t: 'base', of: stdout.trimEnd() } }),
  ],
  [
    LOOP,
    ([pattern = '', joined, apart], stdout) => shownByLoop(pattern, joined ?? apart ?? '', stdout),
  ],
  // O_TRUNC alone writes nothing: the attribute stays as it is.
  [/^busybox truncate -s 0 (\S+); cat \1$/, ([path = ''], stdout) => ({ [path]: file(stdout) })],
];

const MISSING = /^(?:cat|ls) (\/[^\s*{]+)$/;

/** What the command printed of single files; undefined if it says nothing that clear. */
export function shownBy({ argv, status, stdout, stderr = '' }: RunStep): Shows | undefined {
  if (status !== 0) {
    const path = MISSING.exec(argv)?.[1];
    const absent = path !== undefined && stderr.includes('No such file or directory');
    return absent ? { [path]: { t: 'absent' } } : undefined;
  }
  if (stdout === undefined) return undefined;
  for (const [pattern, reading] of FORMS) {
    const match = pattern.exec(argv);
    if (match) return reading(match.slice(1), stdout);
  }
  return undefined;
}
