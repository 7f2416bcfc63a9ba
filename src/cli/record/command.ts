import type { AddCommand } from '../common/add-command.ts';
import { ROOT_HELP } from '../common/tree-roots.ts';

export const addRecord: AddCommand = (root, finish) => {
  root
    .command('record')
    .description('dump the CXL, DAX and memory parts of the /sys of this box or host')
    .option('--raw', 'the tree as it is, JSON lines in the format of recordings; required')
    .option('--root <path...>', ROOT_HELP)
    .action((options: { raw?: boolean; root?: string[] }) =>
      finish(async () => (await import('./action.ts')).record(options)),
    );
};
