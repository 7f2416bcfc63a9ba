import type { AddCommand } from '../common/add-command.ts';

export const addEvents: AddCommand = (root, finish) => {
  root
    .command('events')
    .description('the uevents of the box in sight')
    .option('--json', 'one JSON object a line')
    .option('--follow', 'go on with what comes')
    .action((options: { json?: boolean; follow?: boolean }) =>
      finish(async () => (await import('./action.ts')).events(options)),
    );
};
