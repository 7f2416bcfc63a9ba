/**
 * Options and commands about the memory behind dax devices.
 */
import { type Command, Option } from 'commander';

type Finish = (work: () => Promise<number>) => void;

/** What a box is told about the memory of its dax devices, over what its machine file says. */
export interface MemoryOptions {
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  readonly media?: string | undefined;
}

export function daxMemoryOption(): Option {
  return new Option('--dax-memory <way>', 'how dax devices are served').choices(['direct', 'checked']);
}

export function mediaOption(): Option {
  return new Option('--media <folder>', 'where the contents of memory devices persist');
}

const KINDS = ['hpa', 'dpa', 'offset'] as const;
const PLACE = 'daxN.Y:OFFSET, memN:DPA, or a host physical address';

function addFaultCommands(root: Command, finish: Finish): void {
  const fault = root
    .command('fault')
    .description('inject faults into the machine in sight, and take them back');
  fault
    .command('poison')
    .description('poison the 64 bytes at a place')
    .argument('<place>', PLACE)
    .action((place: string) => finish(async () => (await import('./commands/fault.ts')).poison(place)));
  fault
    .command('clear')
    .description('clear the poison of the 64 bytes at a place')
    .argument('<place>', PLACE)
    .action((place: string) => finish(async () => (await import('./commands/fault.ts')).clear(place)));
  fault
    .command('list')
    .description('the faults that are there now')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./commands/fault.ts')).list(options)),
    );
}

export function addMemoryCommands(root: Command, finish: Finish): void {
  root
    .command('translate')
    .description('one address of a region of the machine in sight under all its names')
    .argument('<region>', 'such as region0')
    .addArgument(root.createArgument('<kind>', 'what the address is').choices(KINDS))
    .argument('<address>', 'decimal or 0x; a DPA of an interleaved region as memN:ADDRESS')
    .option('--xor-maps <maps>', 'comma-separated XOR maps of the window, which sysfs does not tell')
    .option('--json', 'for programs')
    .action(
      (
        region: string,
        kind: (typeof KINDS)[number],
        address: string,
        options: { json?: boolean; xorMaps?: string },
      ) =>
        finish(async () =>
          (await import('./commands/translate.ts')).translate(region, kind, address, options),
        ),
    );
  addFaultCommands(root, finish);
}
