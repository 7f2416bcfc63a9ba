/**
 * Errors as people read them: what failed, why, what to do.
 */
import { BoxError } from '../box/box-error.ts';
import { UnknownMachineError } from '../machine-files/load.ts';
import { DescriptionError } from '../platform/description/error.ts';
import { SysfsError } from '../sysfs-client/sysfs-client.ts';
import { EXIT } from './exit-codes.ts';

/** Prints to standard error and gives the exit code. What is no known failure is thrown on: it is a bug of ours. */
export function reportError(error: unknown): number {
  if (error instanceof UnknownMachineError) return print(error.message, EXIT.usage);
  if (error instanceof DescriptionError) {
    const count = error.problems.length;
    const title = `The machine file has ${count === 1 ? 'a problem' : `${count} problems`}:`;
    return print(`${title}\n${error.message}\nCorrect the file; docs/machine-file.md describes every key.`, EXIT.usage);
  }
  if (error instanceof BoxError) return print(error.message, EXIT.noBox);
  if (error instanceof SysfsError) return print(error.message, EXIT.usage);
  if (error instanceof Error && 'code' in error && 'path' in error) return print(error.message, EXIT.usage);
  throw error;
}

function print(message: string, code: number): number {
  process.stderr.write(`cxlbox: ${message}\n`);
  return code;
}
