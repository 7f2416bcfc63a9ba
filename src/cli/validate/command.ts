/**
 * `cxlbox validate FILE`: whether a machine file describes a machine, without booting it.
 */
import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import type { ValidateOptions } from './validate.ts';

export function addValidateCommand(root: Command, finish: Finish): void {
  root
    .command('validate')
    .description('check a machine file; exit status 2 if it has problems')
    .argument('<file>', 'a machine file, - for standard input, or a named machine')
    .option('--resolved', 'print the machine with every default written out, as a machine file')
    .option('--json', 'for programs')
    .action((file: string, options: ValidateOptions) =>
      finish(async () => (await import('./validate.ts')).validate(file, options)),
    );
}
