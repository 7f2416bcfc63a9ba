import { Option } from 'commander';
import type { AddCommand } from '../common/add-command.ts';
import { SECTIONS, type Section } from './render.ts';

export const addShow: AddCommand = (root, finish) => {
  root
    .command('show')
    .description('regions, memory blocks and nodes of the /sys in sight: a box, or this host')
    .addOption(new Option('--only <section>', 'one section').choices(SECTIONS))
    .option('--json', 'for programs')
    .action((options: { json?: boolean; only?: Section }) =>
      finish(async () => (await import('./action.ts')).show(options)),
    );
};
