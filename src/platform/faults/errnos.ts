import { ERRNO, type Errno } from '../../errno.ts';
import type { FaultValue } from './declaration.ts';

export const ERRNO_NAMES = Object.keys(ERRNO) as readonly Errno[];

/** An option whose value is one of these. */
export function errnoValue(words: readonly string[]): FaultValue {
  return { type: 'word', what: 'errno', words };
}

/** The errno of a parameter that was checked. */
export function errnoNamed(text: string | undefined): Errno {
  return ERRNO_NAMES.find((each) => each === text) ?? 'EIO';
}
