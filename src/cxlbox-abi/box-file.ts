/**
 * A file of a box below debugfs, for what a box says about itself and no kernel has a file for. A
 * declaration is the one place that knows where the file is and how its text is written and read:
 * the model formats what it shows and parses what is written, programs do the reverse.
 */
import { KernelError } from '../errno.ts';
import { type FileStream, type KernfsDirectory, KernfsFile } from '../kernfs/node.ts';
import type { Source } from '../kernfs/source.ts';

export const CXLBOX_DEBUGFS = '/sys/kernel/debug/cxlbox';

export interface BoxFileDeclaration {
  /** Below CXLBOX_DEBUGFS. The part with capitals differs from file to file: `memN`, `daxN.Y`. */
  readonly path: string;
  readonly mode: number;
  /** What is in it, as docs/debugfs.md says it. */
  readonly content: string;
  /** The page below docs/ that describes it. */
  readonly page: string;
}

export interface BoxFile<T> extends BoxFileDeclaration {
  format(value: T): string;
  /** EINVAL, with the reason: not of this form. */
  parse(text: string): T;
}

const BOX_ONLY: Source = { document: 'none', code: 'cxlbox only' };

const VARYING = /[^/]*[A-Z][^/]*/;

/** The whole path; `name` is what stands for the part that differs. */
export function boxPath({ path }: Pick<BoxFileDeclaration, 'path'>, name?: string): string {
  return `${CXLBOX_DEBUGFS}/${path.replace(VARYING, (part) => name ?? part)}`;
}

/** The directory of files with a part that differs: `.../capacity` of `.../capacity/memN/add`. */
export function boxDirectory({ path }: Pick<BoxFileDeclaration, 'path'>): string {
  return `${CXLBOX_DEBUGFS}/${path.slice(0, path.search(VARYING))}`.replace(/\/$/, '');
}

/** What the model does with a file. */
export interface BoxFileContent<T> {
  readonly show?: () => T;
  readonly store?: (value: T) => void;
}

/** A node for the directory that holds the file; `name` as for boxPath. */
export function boxFileNode<T>(
  file: BoxFile<T>,
  { show, store }: BoxFileContent<T>,
  name?: string,
): KernfsFile {
  const content = {
    source: BOX_ONLY,
    show: show && (() => file.format(show())),
    store: store && ((text: string) => store(file.parse(text))),
  };
  const leaf = boxPath(file, name).split('/').at(-1) ?? '';
  return new KernfsFile(leaf, file.mode, content, { binary: true, size: 0 });
}

/** The directory that holds the file, made if it is missing. */
function parentOf(root: KernfsDirectory, file: BoxFileDeclaration, name?: string): KernfsDirectory {
  const parents = boxPath(file, name).split('/').slice(1, -1);
  return parents.reduce((at, part) => at.ensureDirectory(part), root);
}

/** Adds the file, and its directories if they are missing, below the root of the tree. */
export function addBoxFile<T>(
  root: KernfsDirectory,
  file: BoxFile<T>,
  content: BoxFileContent<T>,
  name?: string,
): KernfsFile {
  return parentOf(root, file, name).add(boxFileNode(file, content, name));
}

/** Adds a file that is not text: `open` is called at each open, and may refuse it. */
export function addBoxStream(
  root: KernfsDirectory,
  file: BoxFileDeclaration,
  open: () => FileStream,
): KernfsFile {
  const name = boxPath(file).split('/').at(-1) ?? '';
  const content = { source: BOX_ONLY, stream: open };
  return parentOf(root, file).add(
    new KernfsFile(name, file.mode, content, { binary: true, size: 0 }),
  );
}

export function malformed(reason: string): KernelError {
  return new KernelError('EINVAL', reason);
}

/**
 * One value a line. `parse` gives undefined for a line that is not of the form, which `form` says.
 */
export function parseLines<T>(
  text: string,
  form: string,
  parse: (line: string) => T | undefined,
): T[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    const value = parse(line);
    if (value === undefined)
      throw malformed(`line ${index + 1} is not '${form}': ${JSON.stringify(line.slice(0, 80))}`);
    return value;
  });
}

/** The words of a text that user space wrote: all before the first NUL, without blanks around. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/\0.*$/s, '')
    .split(/\s+/)
    .filter((word) => word !== '');
}
