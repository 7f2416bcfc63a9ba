/**
 * The commands that make something go wrong in the machine in sight, and that take it back.
 */
import type { Command } from 'commander';
import type { Finish } from './finish.ts';

const PLACE = 'daxN.Y:OFFSET, memN:DPA, or a host physical address';

interface StrikeOptions {
  errno?: string;
  times?: string;
  skip?: string;
  device?: string;
}

function addPoison(fault: Command, finish: Finish): void {
  fault
    .command('poison')
    .description('poison the 64 bytes at a place')
    .argument('<place>', PLACE)
    .action((place: string) => finish(async () => (await import('./commands/fault.ts')).poison(place)));
}

function withLimits(command: Command): Command {
  return command
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
    finish(async () => (await import('./commands/fault-inject.ts')).probe(driver, options)),
  );
  withLimits(
    fault
      .command('hotplug')
      .description('a step of adding memory or of onlining a block fails')
      .argument('<step>', 'such as add:memmap, online:notifier, add:7')
      .option('--errno <name>', 'ENOMEM if not given'),
  ).action((step: string, options: StrikeOptions) =>
    finish(async () => (await import('./commands/fault-inject.ts')).hotplug(step, options)),
  );
}

function addMore(fault: Command, finish: Finish): void {
  fault
    .command('slow-online')
    .description('each memory block that goes online takes its time')
    .argument('<time>', 'such as 100ms or 2s')
    .action((time: string) =>
      finish(async () => (await import('./commands/fault-inject.ts')).slowOnline(time)),
    );
  fault
    .command('remove')
    .description('a memory device, or a switch, is pulled out of its slot')
    .argument('<device>', 'memN, or a PCI address')
    .action((device: string) =>
      finish(async () => (await import('./commands/fault-inject.ts')).remove(device)),
    );
  fault
    .command('link-down')
    .description('the link of a port goes down: what is below is gone')
    .argument('<port>', 'PCI address of a root port or a switch port, or memN for the port above it')
    .action((port: string) =>
      finish(async () => (await import('./commands/fault-inject.ts')).linkDown(port)),
    );
}

export function addFaultCommands(root: Command, finish: Finish): void {
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
    .action((what: string) => finish(async () => (await import('./commands/fault.ts')).clear(what)));
  fault
    .command('list')
    .description('the faults that are there now')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./commands/fault.ts')).list(options)),
    );
}
