import { release, type } from 'node:os';
import { getuid } from 'node:process';
import { rawRecord } from '../../record/raw-record.ts';
import { WATCHED_ROOTS } from '../../record/roots.ts';
import { CommandError } from '../common/command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** A recording of steps is made by people with a kernel; this command knows the trees only. */
class NotRawError extends CommandError {
  readonly remedy =
    'cxlbox record --raw > host.jsonl; docs/recordings.md explains how a record before a write and ' +
    'one after it make a step';

  constructor() {
    super('only a raw tree can be recorded, and --raw is missing');
    this.name = 'NotRawError';
  }
}

export interface RecordOptions {
  readonly raw?: boolean | undefined;
  /** Patterns of what to dump. */
  readonly root?: readonly string[] | undefined;
}

/** Prints a raw record of the /sys that this process sees. Throws NotRawError. */
export async function record({ raw, root = WATCHED_ROOTS }: RecordOptions): Promise<number> {
  if (!raw) throw new NotRawError();
  const uid = getuid?.() ?? 0;
  if (uid !== 0)
    process.stderr.write('cxlbox: not root: what only root may read is recorded as EACCES\n');
  for (const line of rawRecord({ raw: 1, kernel: `${type()} ${release()}`, roots: root, uid }))
    process.stdout.write(`${line}\n`);
  return EXIT.ok;
}
