/**
 * The command line. Each command is a function of `commands/` that gives an exit code, and is loaded only when called:
 * `cxlbox show` in a script must not pay for the model.
 */
import { Command, CommanderError, Option } from 'commander';
import { boxErrorText, limitError } from './box-error-text.ts';
import { addCapacityCommands } from './capacity-commands.ts';
import { EXIT } from './exit-codes.ts';
import { addFaultCommands } from './fault-commands.ts';
import type { Finish } from './finish.ts';
import {
  addMemoryCommands,
  daxMemoryOption,
  type MemoryOptions,
  mediaOption,
} from './memory-commands.ts';
import { addObserveCommands } from './observe-commands.ts';
import { addSharedCommands, hostOption } from './shared-commands.ts';
import { SECTIONS, type Section } from './show/render.ts';
import { version } from './version.ts';

const EXAMPLES = `
Examples:
  cxlbox run -- daxctl list -RDMu
  cxlbox run --machine switch2 -- cxl list -BEMPDTRXiu
  cxlbox shell
  cxlbox replay conformance/open
`;

interface BoxOptions extends MemoryOptions {
  readonly machine: string;
  readonly host?: string;
  readonly trace?: 'fuse';
  readonly allowHostWrites?: boolean;
}

const machineOption = (): Option =>
  new Option('-m, --machine <name|file>', 'named machine or YAML file').default('default');
const traceOption = (): Option =>
  new Option('--trace <what>', 'print every request and answer').choices(['fuse']);

const hostWritesOption = (): Option =>
  new Option(
    '--allow-host-writes',
    'root in the box may change the host: /sys, /proc/sys, devices',
  );

function program(finish: Finish): Command {
  const root = new Command('cxlbox')
    .description('A Linux host with CXL memory, in a box')
    .version(version())
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .enablePositionalOptions();
  root
    .command('run')
    .description('run a command in a throw-away box; its exit status is the command’s')
    .addOption(machineOption())
    .addOption(traceOption())
    .addOption(daxMemoryOption())
    .addOption(mediaOption())
    .addOption(hostOption())
    .addOption(hostWritesOption())
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .action((command: string[], options: BoxOptions) =>
      finish(async () => (await import('./commands/run.ts')).run(command, options)),
    );
  root
    .command('shell')
    .description('an interactive shell in a throw-away box')
    .addOption(machineOption())
    .addOption(traceOption())
    .addOption(daxMemoryOption())
    .addOption(mediaOption())
    .addOption(hostOption())
    .addOption(hostWritesOption())
    .action((options: BoxOptions) =>
      finish(async () => (await import('./commands/run.ts')).shell(options)),
    );
  root
    .command('demo')
    .description('two regions of the default machine: one becomes system memory, one /dev/dax1.0')
    .action(() => finish(async () => (await import('./commands/demo.ts')).demo()));
  root
    .command('show')
    .description('regions, memory blocks and nodes of the /sys in sight: a box, or this host')
    .addOption(new Option('--only <section>', 'one section').choices(SECTIONS))
    .option('--json', 'for programs')
    .action((options: { json?: boolean; only?: Section }) =>
      finish(async () => (await import('./commands/show.ts')).show(options)),
    );
  root
    .command('memory')
    .description(
      'nodes, zones, memory blocks, page structures, and what keeps memory from going offline',
    )
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./commands/memory.ts')).memory(options)),
    );
  root
    .command('machines')
    .description('the named machines')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./commands/machines.ts')).listMachines(options)),
    );
  root
    .command('replay')
    .description('replay recordings of a real kernel against the model')
    .argument('<path...>', 'recordings (.jsonl, .jsonl.gz) or folders of them')
    .option('--json', 'for programs')
    .action((paths: string[], options: { json?: boolean }) =>
      finish(async () => (await import('./commands/replay.ts')).replay(paths, options)),
    );
  addObserveCommands(root, finish);
  addMemoryCommands(root, finish);
  addSharedCommands(root, finish);
  addCapacityCommands(root, finish);
  addFaultCommands(root, finish);
  return root;
}

/** Runs the command line `argv` (without the interpreter and the script) and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let work = async (): Promise<number> => EXIT.ok;
  try {
    const commands = program((chosen) => {
      work = chosen;
    });
    await commands.parseAsync(argv, { from: 'user' });
    return await work();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const limit = limitError(error);
    if (limit !== undefined) {
      // With as little as possible: the rest of this program may not be loaded any more.
      process.stderr.write(`cxlbox: ${boxErrorText(limit)}\n`);
      return EXIT.noBox;
    }
    const { reportError } = await import('./report-error.ts');
    return reportError(error);
  }
}
