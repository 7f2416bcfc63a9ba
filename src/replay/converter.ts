/**
 * Recordings as a kernel's machine gave them say which tools ran, and not what those wrote. In a
 * checkout the converter `conformance/add-writes` finds that out; an installed package does not
 * have it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../machine-files/package-root.ts';
import type { Trace } from './trace.ts';

/** Gives the run steps of a recording their writes; `file` says where its exceptions are. */
export type AddWrites = (
  trace: Trace,
  file: string,
) => { readonly trace: Trace; readonly derived: number };

/** A recording that only a checkout can replay. */
export class MissingWritesError extends Error {
  constructor(file: string, line: number) {
    super(
      `${file}:${line}: the recording says that a tool ran, not what it wrote ('writes'). ` +
        "Convert it in a checkout of cxlbox with 'npm run conformance:add-writes -- FOLDER', " +
        'and replay the result.',
    );
    this.name = 'MissingWritesError';
  }
}

/** The converter that `scripts/setup.mjs` built; undefined in an installed package. */
export async function findConverter(): Promise<AddWrites | undefined> {
  const built = join(packageRoot(), 'dist', 'conformance', 'add-writes.js');
  if (!existsSync(built)) return undefined;
  const { addWrites } = (await import(pathToFileURL(built).href)) as { addWrites: AddWrites };
  return addWrites;
}
