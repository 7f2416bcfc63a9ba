/**
 * Loads the bundled programs with the code that V8 compiled for them before: compiling takes longer
 * than running until a box is asked for. It is the same on all versions of Node; the cache that
 * newer ones have trusts the times of files.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { entryName, readEntry, writeEntry } from './entry.ts';
import { cacheFolder } from './folder.ts';

interface Module {
  exports: unknown;
}

type Wrapped = (
  exports: unknown,
  require: (id: string) => unknown,
  module: Module,
  file: string,
  folder: string,
) => void;

interface Compiled {
  readonly name: string;
  readonly text: Buffer;
  readonly script: Script;
}

const BEFORE = '(function (exports, require, module, __filename, __dirname) {';
const AFTER = '\n})';

/** Undefined: nothing was kept yet, or nothing that is to be trusted. */
const folder = cacheFolder(false);
const modules = new Map<string, Module>();
/** Of what the cache did not have. */
let fresh: Compiled[] = [];

function compile(file: string): Script {
  const text = readFileSync(file);
  const name = entryName(file);
  const code = folder === undefined ? undefined : readEntry(folder, name, text);
  const script = new Script(`${BEFORE}${text.toString()}${AFTER}`, {
    filename: file,
    ...(code === undefined ? {} : { cachedData: code }),
  });
  if (code === undefined || script.cachedDataRejected === true) fresh.push({ name, text, script });
  return script;
}

/** The exports of a CommonJS file; what it requires of its own folder is loaded in the same way. */
export function load(file: string): unknown {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  const module: Module = { exports: {} };
  modules.set(file, module);
  const folder = dirname(file);
  const builtin = createRequire(file);
  const require = (id: string): unknown =>
    id.startsWith('./') ? load(join(folder, id)) : builtin(id);
  const wrapped = compile(file).runInThisContext() as Wrapped;
  wrapped.call(module.exports, module.exports, require, module, file, folder);
  return module.exports;
}

/** Keeps what was compiled since; with the functions that ran, so it is called late. */
export function keepCode(): void {
  if (fresh.length === 0) return;
  const folder = cacheFolder(true);
  if (folder !== undefined)
    for (const { name, text, script } of fresh)
      writeEntry(folder, name, text, script.createCachedData());
  fresh = [];
}
