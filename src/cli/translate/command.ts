/**
 * Options and commands about the memory behind dax devices.
 */
import { type Command, Option } from 'commander';
import type { Finish } from '../common/finish.ts';

/** What a box is told about the memory of its dax devices, over what its machine file says. */
export interface MemoryOptions {
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  readonly media?: string | undefined;
}

export function daxMemoryOption(): Option {
  return new Option('--dax-memory <way>', 'how dax devices are served').choices([
    'direct',
    'checked',
  ]);
}

export function mediaOption(): Option {
  return new Option('--media <folder>', 'where the contents of memory devices persist');
}

const KINDS = ['hpa', 'dpa', 'offset'] as const;

export function addMemoryCommands(root: Command, finish: Finish): void {
  root
    .command('translate')
    .description('one address of a region of the machine in sight under all its names')
    .argument('<region>', 'such as region0')
    .addArgument(root.createArgument('<kind>', 'what the address is').choices(KINDS))
    .argument(
      '<address>',
      'decimal, 0x, or with a unit such as 4GiB; a DPA of an interleaved region as memN:ADDRESS',
    )
    .option(
      '--xor-maps <maps>',
      'comma-separated XOR maps of the window, which sysfs does not tell',
    )
    .option('--json', 'for programs')
    .action(
      (
        region: string,
        kind: (typeof KINDS)[number],
        address: string,
        options: { json?: boolean; xorMaps?: string },
      ) =>
        finish(async () => (await import('./action.ts')).translate(region, kind, address, options)),
    );
}
