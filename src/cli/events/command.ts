import type { AddCommand } from '../common/add-command.ts';

export const addEvents: AddCommand = (root, finish) => {
  root
    .command('events')
    .description('print the uevents of this box')
    .option('--json', 'print one JSON object per line')
    .option('--follow', 'keep printing events as they occur')
    .action((options: { json?: boolean; follow?: boolean }) =>
      finish(async () => (await import('./action.ts')).events(options)),
    );
};
