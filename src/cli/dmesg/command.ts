import type { AddCommand } from '../common/add-command.ts';

export const addDmesg: AddCommand = (root, finish) => {
  root
    .command('dmesg')
    .description('the kernel log of the box in sight, with the reason of every refused write')
    .option('--json', 'one JSON object a line')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).dmesg(options)),
    );
};
