import type { AddCommand } from '../common/add-command.ts';

export const addReplay: AddCommand = (root, finish) => {
  root
    .command('replay')
    .description('replay recordings of a real kernel against the model')
    .argument('<path...>', 'recordings (.jsonl, .jsonl.gz) or folders of them')
    .option('--json', 'print JSON')
    .action((paths: string[], options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).replay(paths, options)),
    );
};
