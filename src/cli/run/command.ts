import type { AddCommand } from '../common/add-command.ts';
import { type BoxOptions, withBoxOptions } from './options.ts';

export const addRun: AddCommand = (root, finish) => {
  withBoxOptions(root.command('run'))
    .description('run a command in a throw-away box; its exit status is the command’s')
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .action((command: string[], options: BoxOptions) =>
      finish(async () => (await import('./action.ts')).run(command, options)),
    );
  withBoxOptions(root.command('shell'))
    .description('an interactive shell in a throw-away box')
    .action((options: BoxOptions) =>
      finish(async () => (await import('./action.ts')).shell(options)),
    );
};
