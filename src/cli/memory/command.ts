import type { AddCommand } from '../common/add-command.ts';

export const addMemory: AddCommand = (root, finish) => {
  root
    .command('memory')
    .description('show nodes, zones, memory blocks, page structures, and what keeps memory online')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).memory(options)),
    );
};
