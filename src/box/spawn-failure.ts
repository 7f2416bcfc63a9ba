/**
 * Why a program of the box did not start, and why something in the box failed, told apart: a
 * program that is missing, a limit of the host, or what the caller knows.
 */
import { BoxError, type BoxErrorCode, messageOf } from './errors.ts';

/**
 * errno, and codes of Node, of a limit that was reached: descriptors, processes, threads, memory.
 */
const LIMITS: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'EAGAIN',
  'ENOMEM',
  'ERR_WORKER_INIT_FAILED',
  'ERR_WORKER_OUT_OF_MEMORY',
]);

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code);
}

export function isLimit(code: string | undefined): boolean {
  return code !== undefined && LIMITS.has(code);
}

/** CXLBOX_LIMIT for an error of a limit, else `code`. */
export function failureOf(error: unknown, code: BoxErrorCode): BoxError {
  if (error instanceof BoxError) return error;
  return new BoxError(isLimit(codeOf(error)) ? 'CXLBOX_LIMIT' : code, messageOf(error));
}

/** `missing`: the code for a program that is not on PATH. */
export function spawnFailure(error: unknown, missing: BoxErrorCode): BoxError {
  return failureOf(error, codeOf(error) === 'ENOENT' ? missing : 'CXLBOX_LOST');
}

/** unshare(1) and shells tell an errno only in words. */
const LIMIT_WORDS =
  /Resource temporarily unavailable|Cannot allocate memory|Too many open files|Cannot fork/;

/** The status by which a shell says that a program is not on PATH. */
export const NOT_FOUND = 127;

export function saysLimit(messages: string): boolean {
  return LIMIT_WORDS.test(messages);
}
