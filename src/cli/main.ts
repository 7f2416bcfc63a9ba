/**
 * The command line. A command is a folder: `command.ts` declares it, `action.ts` does it and gives
 * the exit code, `view.ts` reads what it shows and `render.ts` writes that as text.
 */
import { Command, CommanderError } from 'commander';
import { addCapacity } from './capacity/command.ts';
import type { AddCommand, Finish } from './common/add-command.ts';
import { boxErrorText, limitError } from './common/box-error-text.ts';
import { version } from './common/version.ts';
import { addDemo } from './demo/command.ts';
import { addDiff } from './diff/command.ts';
import { addDmesg } from './dmesg/command.ts';
import { addEvents } from './events/command.ts';
import { EXIT } from './exit-codes.ts';
import { addFault } from './fault/command.ts';
import { addMachines } from './machines/command.ts';
import { addMemory } from './memory/command.ts';
import { addRecord } from './record/command.ts';
import { addReplay } from './replay/command.ts';
import { addRun } from './run/command.ts';
import { addShared } from './shared/command.ts';
import { addShow } from './show/command.ts';
import { addTranslate } from './translate/command.ts';
import { addValidate } from './validate/command.ts';

const EXAMPLES = `
Examples:
  cxlbox run -- cxl list -Mu
  cxlbox run --machine switch2 -- cxl list -BEMPDTRXiu
  cxlbox shell
  cxlbox replay conformance/open    (in a clone, which has the recordings)
`;

/** In the order that `cxlbox --help` lists them. */
const COMMANDS: readonly AddCommand[] = [
  addRun,
  addDemo,
  addShow,
  addMemory,
  addMachines,
  addValidate,
  addReplay,
  addDmesg,
  addEvents,
  addRecord,
  addDiff,
  addTranslate,
  addShared,
  addCapacity,
  addFault,
];

function program(finish: Finish): Command {
  const root = new Command('cxlbox')
    .description('A Linux host with CXL memory, in a box')
    .version(version())
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .enablePositionalOptions();
  for (const add of COMMANDS) add(root, finish);
  return root;
}

/**
 * Runs the command line `argv` (without the interpreter and the script) and gives the exit code.
 */
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
    const { reportError } = await import('./common/report-error.ts');
    return reportError(error);
  }
}

/** The program `cxlbox`. */
export async function run(keepCode: () => void): Promise<void> {
  process.exitCode = await main(process.argv.slice(2));
  keepCode();
}
