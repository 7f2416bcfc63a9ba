import type { AddCommand } from '../common/add-command.ts';

export const addMachines: AddCommand = (root, finish) => {
  root
    .command('machines')
    .description('the named machines')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).listMachines(options)),
    );
};
