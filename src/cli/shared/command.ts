import type { AddCommand } from '../common/add-command.ts';

export const addShared: AddCommand = (root, finish) => {
  const shared = root.command('shared').description('memory devices that several hosts share');
  shared
    .command('list')
    .description('the shared devices, the hosts that are attached, and what each maps')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).list(options)),
    );
};
