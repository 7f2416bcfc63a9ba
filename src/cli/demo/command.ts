import type { AddCommand } from '../common/add-command.ts';

export const addDemo: AddCommand = (root, finish) => {
  root
    .command('demo')
    .description('two regions of the default machine: one becomes system memory, one /dev/dax1.0')
    .action(() => finish(async () => (await import('./action.ts')).demo()));
};
