import type { AddCommand } from '../common/add-command.ts';
import { ROOT_HELP } from '../common/tree-roots.ts';

export const addDiff: AddCommand = (root, finish) => {
  root
    .command('diff')
    .description('compare two trees: recordings, raw records, or folders that are a /sys')
    .argument(
      '<a>',
      'FILE, FILE:LINE for one tree of a recording, - for standard input, or a folder',
    )
    .argument('<b>', 'the same')
    .option('--root <path...>', ROOT_HELP)
    .option('--json', 'print JSON')
    .action((one: string, other: string, options: { json?: boolean; root?: string[] }) =>
      finish(async () => (await import('./action.ts')).diff(one, other, options)),
    );
};
