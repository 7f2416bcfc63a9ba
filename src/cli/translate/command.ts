import type { AddCommand } from '../common/add-command.ts';

const KINDS = ['hpa', 'dpa', 'offset'] as const;

export const addTranslate: AddCommand = (root, finish) => {
  root
    .command('translate')
    .description('translate an address of a region: host physical, device physical, or an offset')
    .argument('<region>', 'such as region0')
    .addArgument(root.createArgument('<kind>', 'kind of address').choices(KINDS))
    .argument(
      '<address>',
      'decimal, 0x, or with a unit such as 4GiB; a DPA of an interleaved region as memN:ADDRESS',
    )
    .option(
      '--xor-maps <maps>',
      'comma-separated XOR maps of the window, which sysfs does not show',
    )
    .option('--json', 'print JSON')
    .action(
      (
        region: string,
        kind: (typeof KINDS)[number],
        address: string,
        options: { json?: boolean; xorMaps?: string },
      ) =>
        finish(async () => (await import('./action.ts')).translate(region, kind, address, options)),
    );
};
