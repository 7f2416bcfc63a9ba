/**
 * Files that the user named: whatever is wrong with one is reported with its name, and is never a
 * bug in cxlbox.
 */
import { constants } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { readBytes } from './read-bytes.ts';

/** No string is longer. */
const LONGEST = constants.MAX_STRING_LENGTH;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** zlib's errors for a file that is incomplete, damaged or too long. */
const GZIP_WORDS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'the gzip data ends too early: copy the file again',
  ERR_BUFFER_TOO_LARGE: 'unpacked, it is longer than a text can be: split it',
  Z_DATA_ERROR: 'the gzip data is damaged, or is not gzip data: copy the file again',
};

/** The file cannot be read, or its line `line` cannot be understood. */
export class UnreadableFileError extends Error {
  /** The message without the name of the file. */
  readonly reason: string;

  constructor(file: string, reason: string, line?: number, options?: ErrorOptions) {
    const said = line === undefined ? reason : `line ${line}: ${reason}`;
    super(`cannot read ${file}: ${said}`, options);
    this.name = 'UnreadableFileError';
    this.reason = said;
  }
}

/** Without the system call and the path, which Node adds: `ENOENT: no such file or directory`. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return GZIP_WORDS[code ?? ''] ?? message.replace(/, \w+(?: '.*')?$/s, '');
}

/**
 * What `read` gives. Throws UnreadableFileError for what the file system or zlib says of `file`.
 */
export function readingFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new UnreadableFileError(file, reasonOf(error), undefined, { cause: error });
  }
}

/**
 * The text of a file, plain or gzipped; `-` is standard input. Throws UnreadableFileError, also for
 * one of more than `most` bytes, as it is or unpacked.
 */
export function readText(file: string, most = LONGEST): string {
  return readingFile(file, () => {
    const bytes = readBytes(file, most + 1);
    if (bytes.length > most)
      throw new UnreadableFileError(file, `it has more than ${most} bytes: split it`);
    const zipped = file.endsWith('.gz') || GZIP_MAGIC.every((byte, at) => bytes[at] === byte);
    return (zipped ? gunzipSync(bytes, { maxOutputLength: most }) : bytes).toString('utf8');
  });
}

/**
 * The beginning of a text, for a reader that says by itself that a text is too long. Throws
 * UnreadableFileError.
 */
export function readStart(file: string, most: number): string {
  return readingFile(file, () => readBytes(file, most).toString('utf8'));
}
