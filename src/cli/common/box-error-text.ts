/**
 * A box that failed, as people read it.
 */
import { BoxError } from '../../box/errors.ts';
import { failureOf, isLimit } from '../../box/spawn-failure.ts';

export function boxErrorText({ message, code, remedy }: BoxError): string {
  return `${message} [${code}]\n  what to do: ${remedy}`;
}

/**
 * The error for a limit that anything ran into, a box or the loading of a module; undefined: it was
 * no limit.
 */
export function limitError(error: unknown): BoxError | undefined {
  if (error instanceof BoxError) return error.code === 'CXLBOX_LIMIT' ? error : undefined;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return isLimit(code) ? failureOf(error, 'CXLBOX_LIMIT') : undefined;
}
