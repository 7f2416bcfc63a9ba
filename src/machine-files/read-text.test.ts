import { describe, expect, it } from 'vitest';
import { LIMITS } from '../platform/description/limits.ts';
import { isStdin, readText } from './read-text.ts';

describe('readText', () => {
  it('ends what has no end', () => {
    expect(readText('/dev/zero').length).toBe(LIMITS.text * 4);
  });

  it.each(['-', '/dev/stdin', '/dev/fd/0'])('takes %s for standard input', (name) => {
    expect(isStdin(name)).toBe(true);
  });

  it('takes no file for it', () => {
    expect(isStdin('./-')).toBe(false);
  });
});
