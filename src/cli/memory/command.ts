import type { AddCommand } from '../common/add-command.ts';

export const addMemory: AddCommand = (root, finish) => {
  root
    .command('memory')
    .description(
      'nodes, zones, memory blocks, page structures, and what keeps memory from going offline',
    )
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).memory(options)),
    );
};
