import type { AddCommand } from '../common/add-command.ts';

export const addMachines: AddCommand = (root, finish) => {
  root
    .command('machines')
    .description('list the named machines')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).listMachines(options)),
    );
};
