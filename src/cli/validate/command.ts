import type { AddCommand } from '../common/add-command.ts';
import type { ValidateOptions } from './action.ts';

export const addValidate: AddCommand = (root, finish) => {
  root
    .command('validate')
    .description('check a machine file; exit status 2 if it has problems')
    .argument('<file>', 'a machine file, - for standard input, or a named machine')
    .option('--resolved', 'print the machine with every default written out, as a machine file')
    .option('--json', 'print JSON')
    .action((file: string, options: ValidateOptions) =>
      finish(async () => (await import('./action.ts')).validate(file, options)),
    );
};
