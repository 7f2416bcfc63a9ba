import { getSystemErrorMap } from 'node:util';

/** `invalid argument` for EINVAL; the name itself where the run time knows no words for it. */
export function errnoWords(errno: string): string {
  const found = [...getSystemErrorMap().values()].find(([name]) => name === errno);
  return found?.[1] ?? errno;
}
