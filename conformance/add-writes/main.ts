/**
 * `npm run conformance:add-writes -- FOLDER... [--out FOLDER]`: what the recordings' tools wrote is
 * put into the recordings, so that a replay needs no tool. Exit status: 0 all are complete, 1 some
 * writes could not be derived, 2 usage.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { convertFiles } from './files.ts';

const EXIT = { complete: 0, incomplete: 1, usage: 2 } as const;
const USAGE = 'usage: npm run conformance:add-writes -- FOLDER... [--out FOLDER]';

function givenArguments(): { paths: readonly string[]; out: string | undefined } {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new Error('name a recording, or a folder with some');
  const missing = positionals.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`${missing}: no such file or folder`);
  return { paths: positionals, out: values.out };
}

function convert(paths: readonly string[], out: string | undefined): number {
  let [files, lacking, failed] = [0, 0, 0];
  for (const path of paths) {
    for (const result of convertFiles(path, out)) {
      files += 1;
      lacking += result.lacking;
      failed += result.problems.length;
      for (const { line, argv, reason } of result.problems)
        console.error(`${result.file}:${line}: run ${argv}: ${reason}`);
    }
  }
  console.log(
    `${files} recordings: ${lacking} tool runs had no writes, ${lacking - failed} have them now`,
  );
  return failed === 0 ? EXIT.complete : EXIT.incomplete;
}

try {
  const { paths, out } = givenArguments();
  process.exitCode = convert(paths, out);
} catch (error) {
  console.error(`add-writes: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = EXIT.usage;
}
