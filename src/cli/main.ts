/**
 * The command line. Each command is a function of `commands/` that gives an exit code.
 */
import { Command, CommanderError, Option } from 'commander';
import { demo } from './commands/demo.ts';
import { listMachines } from './commands/machines.ts';
import { replay } from './commands/replay.ts';
import { run, shell } from './commands/run.ts';
import { show } from './commands/show.ts';
import { EXIT } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { SECTIONS, type Section } from './show/render.ts';
import { version } from './version.ts';

const EXAMPLES = `
Examples:
  cxlbox run -- daxctl list -RDMu
  cxlbox run --machine switch2 -- cxl list -BEMPDTRXiu
  cxlbox shell
  cxlbox replay conformance/open
`;

const machineOption = (): Option =>
  new Option('-m, --machine <name|file>', 'named machine or YAML file').default('default');
const traceOption = (): Option => new Option('--trace <what>', 'print every request and answer').choices(['fuse']);

function program(finish: (code: Promise<number>) => void): Command {
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
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .action((command: string[], options: { machine: string; trace?: 'fuse' }) => finish(run(command, options)));
  root
    .command('shell')
    .description('an interactive shell in a throw-away box')
    .addOption(machineOption())
    .addOption(traceOption())
    .action((options: { machine: string; trace?: 'fuse' }) => finish(shell(options)));
  root
    .command('demo')
    .description('two regions of the default machine: one becomes system memory, one /dev/dax1.0')
    .action(() => finish(demo()));
  root
    .command('show')
    .description('regions, memory blocks and nodes of the /sys in sight: a box, or this host')
    .addOption(new Option('--only <section>', 'one section').choices(SECTIONS))
    .option('--json', 'for programs')
    .action((options: { json?: boolean; only?: Section }) => finish(show(options)));
  root
    .command('machines')
    .description('the named machines')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) => finish(listMachines(options)));
  root
    .command('replay')
    .description('replay recordings of a real kernel against the model')
    .argument('<path...>', 'recordings (.jsonl, .jsonl.gz) or folders of them')
    .option('--json', 'for programs')
    .action((paths: string[], options: { json?: boolean }) => finish(replay(paths, options)));
  return root;
}

/** Runs the command line `argv` (without the interpreter and the script) and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let work: Promise<number> | undefined;
  try {
    const commands = program((code) => {
      work = code;
    });
    await commands.parseAsync(argv, { from: 'user' });
    return (await work) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error);
  }
}
