import { loadMachine } from '../../machine-files/load.ts';
import { DescriptionError } from '../../platform/description/error.ts';
import type { MachineDescription } from '../../platform/description/types.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonReport, resolvedYaml, summary } from './render.ts';

export interface ValidateOptions {
  readonly resolved?: boolean;
  readonly json?: boolean;
}

function outcomeOf(file: string): MachineDescription | DescriptionError {
  try {
    return loadMachine(file);
  } catch (error) {
    if (error instanceof DescriptionError) return error;
    throw error;
  }
}

/** Problems go to standard error as those of `run` do; with --json to standard output. */
export async function validate(file: string, options: ValidateOptions): Promise<number> {
  const outcome = outcomeOf(file);
  const failed = outcome instanceof DescriptionError;
  if (options.json) {
    process.stdout.write(jsonReport(file, outcome, options.resolved === true));
    return failed ? EXIT.usage : EXIT.ok;
  }
  if (failed) throw outcome;
  process.stdout.write(options.resolved ? resolvedYaml(outcome) : summary(file, outcome));
  return EXIT.ok;
}
