/**
 * The few shell commands of the recordings that look at single files: cat, ls, find, basename of a link, and loops over
 * directories. Everything else is not emulated.
 */
import { pathOf } from '../../kernfs/node.ts';
import { excluded } from '../normalise.ts';
import { glob } from '../snapshot.ts';
import { failed } from '../tree-files.ts';
import { realPath, type ToolContext, type ToolOutcome } from './tool.ts';

/** `{a,b}` makes a word for each alternative, `*` one for each match. */
function expand(context: ToolContext, word: string): string[] {
  const braces = /^([^{]*)\{([^}]*)\}(.*)$/.exec(word);
  if (braces)
    return (braces[2] ?? '')
      .split(',')
      .flatMap((each) => expand(context, `${braces[1]}${each}${braces[3]}`));
  if (!word.includes('*')) return [word];
  const found = glob(context.files.root, word).map(pathOf);
  return found.length === 0 ? [word] : found.sort();
}

function cat(context: ToolContext, paths: readonly string[]): ToolOutcome {
  let stdout = '';
  let status = 0;
  for (const path of paths) {
    const outcome = context.files.read(path);
    if (failed(outcome)) status = 1;
    else stdout += outcome.data;
  }
  return { status, stdout };
}

/** One name a line, sorted; a heading if there are several directories. */
function ls(context: ToolContext, paths: readonly string[]): ToolOutcome {
  const listings = paths.map((path) => {
    const names = context.files.list(path).filter((name) => !excluded(`${path}/${name}`));
    const lines = names.sort().map((name) => `${name}\n`);
    return paths.length === 1 ? lines.join('') : `${path}:\n${lines.join('')}`;
  });
  const missing = paths.some((path) => context.files.lookup(path) === undefined);
  return { status: missing ? 1 : 0, stdout: listings.join('\n') };
}

function children(context: ToolContext, [directory = '']: readonly string[]): ToolOutcome {
  const lines = context.files.list(directory).map((name) => `${directory}/${name}\n`);
  return { status: 0, stdout: `${directory}\n${lines.join('')}`, unordered: true };
}

function basenameOfLink(context: ToolContext, [path = '']: readonly string[]): ToolOutcome {
  const target = realPath(context, path);
  return target === undefined
    ? { status: 1, stdout: '' }
    : { status: 0, stdout: `${target.split('/').at(-1)}\n` };
}

/** `for t in GLOB; do echo $t $(cat $t/FILE); done`, or with the cat as a command of its own. */
function catOfEach(
  context: ToolContext,
  [pattern = '', separator = '', file = '']: readonly string[],
): ToolOutcome {
  const lines = expand(context, pattern).map((path) => {
    const content = context.files.text(`${path}/${file}`) ?? '';
    return separator === ';' ? `${path}\n${content}` : `${path} ${content.trimEnd()}\n`;
  });
  return { status: 0, stdout: lines.join(''), unordered: true };
}

/** O_TRUNC alone writes nothing: the attribute stays as it is. */
function truncate(context: ToolContext, [path = '']: readonly string[]): ToolOutcome {
  return cat(context, [path]);
}

type Emulation = (context: ToolContext, captures: readonly string[]) => ToolOutcome;

const COMMANDS: readonly (readonly [RegExp, Emulation])[] = [
  [
    /^cat ([^|;<>$]+)$/,
    (context, [words = '']) =>
      cat(
        context,
        words.split(/\s+/).flatMap((word) => expand(context, word)),
      ),
  ],
  [
    /^ls ((?!.*\/sys\/module)\/[^|;<>$*-]+)$/,
    (context, [words = '']) => ls(context, words.split(/\s+/)),
  ],
  [/^find (\S+) -maxdepth 1$/, children],
  [/^basename \$\(readlink (\S+)\)$/, basenameOfLink],
  [/^for t in (\S+); do echo \$t(;?) \$\(cat \$t\/(\w+)\); done$/, catOfEach],
  [/^for t in (\S+); do echo \$t(;) cat \$t\/(\w+); done$/, catOfEach],
  [/^busybox truncate -s 0 (\S+); cat \1$/, truncate],
];

/** Undefined if the command is not emulated. */
export function runShell(context: ToolContext, argv: string): ToolOutcome | undefined {
  for (const [pattern, emulation] of COMMANDS) {
    const match = pattern.exec(argv);
    if (match) return emulation(context, match.slice(1));
  }
  return undefined;
}
