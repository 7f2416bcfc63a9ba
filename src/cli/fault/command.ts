/**
 * The commands that inject faults into this machine, and that clear them: one for each kind of
 * fault, from its declaration.
 */
import type { Command } from 'commander';
import type { FaultDeclaration, FaultOption } from '../../platform/faults/declaration.ts';
import { FAULT_KINDS } from '../../platform/faults/kinds/index.ts';
import { POISON_FAULT } from '../../platform/faults/kinds/poison.ts';
import type { AddCommand, Finish } from '../common/add-command.ts';
import type { FaultOptions, JsonOption } from './inject.ts';

const PLACE =
  'daxN.Y:OFFSET, memN:DPA, or a host physical address; a unit is allowed, as in mem0:4GiB';

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** What stands for the value in the help. */
function placeholder({ value }: FaultOption): string {
  return value.type === 'number' ? 'n' : 'name';
}

function addPoison(fault: Command, finish: Finish): void {
  withJson(
    fault.command(POISON_FAULT.command).description(POISON_FAULT.about).argument('<place>', PLACE),
  ).action((place: string, options: JsonOption) =>
    finish(async () => (await import('./action.ts')).poison(place, options)),
  );
}

function addKind(fault: Command, finish: Finish, kind: FaultDeclaration): void {
  const { operand } = kind;
  const argument = operand.argument ?? operand.key;
  const command = fault
    .command(kind.command)
    .description(kind.about)
    .argument(operand.optional ? `[${argument}]` : `<${argument}>`, operand.about);
  for (const option of kind.options) {
    const flags = `--${option.key} <${placeholder(option)}>`;
    if (option.required) command.requiredOption(flags, option.about);
    else command.option(flags, option.about);
  }
  withJson(command).action((about: string | undefined, options: FaultOptions) =>
    finish(async () => (await import('./inject.ts')).injectKind(kind, about, options)),
  );
}

export const addFault: AddCommand = (root, finish) => {
  const fault = root
    .command('fault')
    .description('inject faults into this machine, list them and clear them');
  addPoison(fault, finish);
  for (const kind of FAULT_KINDS) addKind(fault, finish, kind);
  fault
    .command('clear')
    .description('clear a fault, or the poison of the 64 bytes at a place')
    .argument('<what>', `the number of a fault, all, or a place: ${PLACE}`)
    .action((what: string) => finish(async () => (await import('./action.ts')).clear(what)));
  withJson(fault.command('list').description('list the current faults')).action(
    (options: JsonOption) => finish(async () => (await import('./action.ts')).list(options)),
  );
};
