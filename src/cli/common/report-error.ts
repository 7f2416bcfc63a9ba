/**
 * Errors as people read them: what failed, why, what to do.
 */
import { BoxError } from '../../box/index.ts';
import { UnknownMachineError } from '../../machine-files/load.ts';
import { DescriptionError } from '../../platform/description/error.ts';
import { SharedDeviceError } from '../../shared-devices/index.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { UnreadableFileError } from '../../user-files/read-text.ts';
import { EXIT } from '../exit-codes.ts';
import { boxErrorText } from './box-error-text.ts';
import { CommandError } from './command-error.ts';
import { AddressError } from './region-map.ts';

interface Report {
  readonly text: string;
  readonly code: number;
}

function reportOf(error: unknown): Report | undefined {
  if (error instanceof BoxError) {
    return { text: boxErrorText(error), code: EXIT.noBox };
  }
  if (error instanceof SharedDeviceError)
    return reportOf(new BoxError(error.code, error.message, error.remedy));
  if (error instanceof DescriptionError) {
    const { count } = error;
    const title = `the machine file has ${count === 1 ? 'a problem' : `${count} problems`}:`;
    const remedy = 'what to do: correct it; docs/machine-file.md describes every key';
    return { text: `${title}\n${error.message}\n  ${remedy}`, code: EXIT.usage };
  }
  if (error instanceof CommandError) {
    return { text: `${error.message}\n  what to do: ${error.remedy}`, code: error.code };
  }
  if (
    error instanceof UnknownMachineError ||
    error instanceof SysfsError ||
    error instanceof AddressError ||
    error instanceof UnreadableFileError
  ) {
    return { text: error.message, code: EXIT.usage };
  }
  return undefined;
}

/**
 * Prints to standard error and gives the exit code. An unknown error is a bug in cxlbox and is
 * thrown on.
 */
export function reportError(error: unknown): number {
  const report = reportOf(error);
  if (report === undefined) throw error;
  process.stderr.write(`cxlbox: ${report.text}\n`);
  return report.code;
}
