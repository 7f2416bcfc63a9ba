import type { AddCommand } from '../common/add-command.ts';

export const addDmesg: AddCommand = (root, finish) => {
  root
    .command('dmesg')
    .description('print the kernel log of this box, with the reason for every refused write')
    .option('--json', 'print one JSON object per line')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).dmesg(options)),
    );
};
