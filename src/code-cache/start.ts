/**
 * Starts a bundled program, which lies beside the bundle of this file.
 */
import { join } from 'node:path';
import { keepCode, load } from './load.ts';

interface Program {
  /**
   * `keepCode` is to be called when what has to be fast is done, or nothing is left to do;
   * `importModule` imports what is known only by its URL, which code that was kept cannot do.
   */
  run(keepCode: () => void, importModule: (url: string) => Promise<unknown>): void;
}

/** `name` is that of its file, without `.js`. */
export function start(name: string): void {
  (load(join(import.meta.dirname, `${name}.js`)) as Program).run(keepCode, (url) => import(url));
}
