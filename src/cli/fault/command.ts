/**
 * The commands that make something go wrong in the machine in sight, and that take it back.
 */
import type { Command } from 'commander';
import type { AddCommand, Finish } from '../common/add-command.ts';
import type { JsonOption, StrikeOptions } from './inject.ts';

const PLACE =
  'daxN.Y:OFFSET, memN:DPA, or a host physical address; with a unit, as mem0:4GiB, or without';

function withJson(command: Command): Command {
  return command.option('--json', 'for programs');
}

function addPoison(fault: Command, finish: Finish): void {
  withJson(
    fault
      .command('poison')
      .description('poison the 64 bytes at a place')
      .argument('<place>', PLACE),
  ).action((place: string, options: JsonOption) =>
    finish(async () => (await import('./action.ts')).poison(place, options)),
  );
}

function withLimits(command: Command): Command {
  return withJson(command)
    .option('--times <n>', 'strike so often; without, until it is cleared')
    .option('--skip <n>', 'let so many occasions pass first');
}

function addStrikes(fault: Command, finish: Finish): void {
  withLimits(
    fault
      .command('probe')
      .description('a driver refuses devices')
      .argument('<driver>', 'such as kmem, cxl_mem, cxl_devdax_region')
      .requiredOption('--errno <name>', 'such as ENOMEM, or EPROBE_DEFER')
      .option('--device <name>', 'this one only'),
  ).action((driver: string, options: StrikeOptions) =>
    finish(async () => (await import('./inject.ts')).probe(driver, options)),
  );
  withLimits(
    fault
      .command('hotplug')
      .description('a step of adding memory or of onlining a block fails')
      .argument('<step>', 'such as add:memmap, online:notifier, add:7')
      .option('--errno <name>', 'ENOMEM if not given'),
  ).action((step: string, options: StrikeOptions) =>
    finish(async () => (await import('./inject.ts')).hotplug(step, options)),
  );
}

function addMore(fault: Command, finish: Finish): void {
  withJson(
    fault
      .command('slow-online')
      .description('each memory block that goes online takes its time')
      .argument('<time>', 'such as 100ms or 2s'),
  ).action((time: string, options: JsonOption) =>
    finish(async () => (await import('./inject.ts')).slowOnline(time, options)),
  );
  withJson(
    fault
      .command('remove')
      .description('a memory device, or a switch, is pulled out of its slot')
      .argument('<device>', 'memN, or a PCI address'),
  ).action((device: string, options: JsonOption) =>
    finish(async () => (await import('./inject.ts')).remove(device, options)),
  );
  withJson(
    fault
      .command('link-down')
      .description('the link of a port goes down: what is below is gone')
      .argument(
        '<port>',
        'PCI address of a root port or a switch port, or memN for the port above it',
      ),
  ).action((port: string, options: JsonOption) =>
    finish(async () => (await import('./inject.ts')).linkDown(port, options)),
  );
}

export const addFault: AddCommand = (root, finish) => {
  const fault = root
    .command('fault')
    .description('inject faults into the machine in sight, and take them back');
  addPoison(fault, finish);
  addStrikes(fault, finish);
  addMore(fault, finish);
  fault
    .command('clear')
    .description('take a fault back, or clear the poison of the 64 bytes at a place')
    .argument('<what>', `number of a fault, all, or ${PLACE}`)
    .action((what: string) => finish(async () => (await import('./action.ts')).clear(what)));
  withJson(fault.command('list').description('the faults that are there now')).action(
    (options: JsonOption) => finish(async () => (await import('./action.ts')).list(options)),
  );
};
