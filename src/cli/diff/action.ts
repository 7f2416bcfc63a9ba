import { compareTrees, differs } from '../../record/compare.ts';
import { differenceJson, reportDifference } from '../../record/report.ts';
import { readDump } from '../../record/tree-dump.ts';
import { CommandError } from '../common/command-error.ts';
import { EXIT } from '../exit-codes.ts';

class NothingInCommonError extends CommandError {
  readonly remedy = 'name two records of the same part of /sys, or widen what --root names';
}

export interface DiffOptions {
  readonly json?: boolean | undefined;
  /** Compare only what these patterns name. */
  readonly root?: readonly string[] | undefined;
}

/**
 * Prints how the trees `one` and `other` differ. 0: they agree; 1: they differ; 2: nothing to
 * compare.
 */
export async function diff(
  one: string,
  other: string,
  { json, root }: DiffOptions,
  print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Promise<number> {
  const [before, after] = [readDump(one, root), readDump(other, root)];
  const difference = compareTrees(before, after, root);
  if (difference.compared === 0)
    throw new NothingInCommonError(`${one} and ${other} have no part of /sys in common`);
  if (json) print(differenceJson(difference, before, after));
  else for (const line of reportDifference(difference, before, after)) print(line);
  return differs(difference) ? EXIT.differs : EXIT.ok;
}
