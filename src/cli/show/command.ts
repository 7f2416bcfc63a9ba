import { Option } from 'commander';
import type { AddCommand } from '../common/add-command.ts';
import { SECTIONS, type Section } from './render.ts';

export const addShow: AddCommand = (root, finish) => {
  root
    .command('show')
    .description('show the regions, memory blocks and nodes of this box or host')
    .addOption(new Option('--only <section>', 'one section').choices(SECTIONS))
    .option('--json', 'print JSON')
    .action((options: { json?: boolean; only?: Section }) =>
      finish(async () => (await import('./action.ts')).show(options)),
    );
};
