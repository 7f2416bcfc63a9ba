import { release, type } from 'node:os';
import { getuid } from 'node:process';
import { rawRecord } from '../../record/raw-record.ts';
import { WATCHED_ROOTS } from '../../record/roots.ts';
import { EXIT } from '../exit-codes.ts';

export interface RecordOptions {
  /** Patterns of what to dump. */
  readonly root?: readonly string[] | undefined;
}

/** Prints a raw record of the /sys that this process sees. */
export async function recordRaw({ root = WATCHED_ROOTS }: RecordOptions): Promise<number> {
  const uid = getuid?.() ?? 0;
  if (uid !== 0)
    process.stderr.write('cxlbox: not root: what only root may read is recorded as EACCES\n');
  for (const line of rawRecord({ raw: 1, kernel: `${type()} ${release()}`, roots: root, uid }))
    process.stdout.write(`${line}\n`);
  return EXIT.ok;
}
