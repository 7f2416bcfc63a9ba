/**
 * What a test may lack on a machine: a program, /dev/fuse, root. Such a test is skipped, and the
 * summary of the run says what was lacking (`skip-reasons.ts`).
 */
import type { TestOptions } from 'vitest';
import { USERS, type Who } from './box/box-process.ts';
import { installed } from './cxlbox.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test is skipped. */
    lacks?: string;
  }
}

/** What is lacking; undefined: nothing. */
export type Lack = string | undefined;

export function lacksProgram(...names: readonly string[]): Lack {
  const missing = names.filter((name) => !installed(name));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}

/** Of tests that open a box. */
export function lacksBox(): Lack {
  return USERS.length === 0 ? 'no box can be opened: no /dev/fuse, or no namespaces' : undefined;
}

export function lacksRoot(): Lack {
  return process.getuid?.() === 0 ? undefined : 'not root';
}

/** As whom boxes are opened; where none can be, one that is skipped stands for them. */
export const BOX_USERS: readonly { who: Who }[] =
  USERS.length === 0 ? [{ who: 'user' }] : USERS.map((who) => ({ who }));

/**
 * Whether tables run in full, and boxes are opened as all users everywhere; `npm run explore --
 * boxes` asks for it.
 */
export const IN_FULL = process.env.CXLBOX_TESTS_IN_FULL !== undefined;

/**
 * The same for what holds for a box of any user in the same way, and is tested with one: an
 * ordinary user where one can be had, who may do least.
 */
export const ANY_USER = IN_FULL ? BOX_USERS : BOX_USERS.slice(-1);

/** Options of a test or suite that needs what may be lacking. */
export function needs(...lacks: readonly Lack[]): TestOptions {
  const found = lacks.filter((lack) => lack !== undefined);
  return found.length === 0 ? {} : { skip: true, meta: { lacks: found.join('; ') } };
}
