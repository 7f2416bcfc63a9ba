/**
 * Commands of a fabric manager: dynamic capacity comes and goes.
 */
import { Option } from 'commander';
import type { AddCommand } from '../common/add-command.ts';
import type { AddOptions, ReleaseOptions } from './action.ts';

const DEVICE = 'a shared device by name, from anywhere; or memN, inside its box';

const hostsOption = (): Option =>
  new Option('--host <name...>', 'hosts; several share the extents');
const tagOption = (): Option => new Option('--tag <uuid>', 'of the allocation');

export const addCapacity: AddCommand = (root, finish) => {
  const capacity = root
    .command('capacity')
    .description('dynamic capacity: give extents to running boxes, take them back');
  capacity
    .command('add')
    .description('add extents; their region’s driver says how they surface')
    .argument('<device>', DEVICE)
    .requiredOption('--size <size>', 'of each extent, such as 256MiB')
    .option('--offset <offset>', 'in the dynamic partition; default: the first that is free')
    .option('--count <n>', 'how many extents; default 1; with --tag all are one allocation')
    .addOption(tagOption())
    .addOption(hostsOption())
    .option('--json', 'for programs')
    .action((device: string, options: AddOptions) =>
      finish(async () => (await import('./action.ts')).add(device, options)),
    );
  capacity
    .command('release')
    .description('take allocations back, which is refused while they are in use')
    .argument('<device>', DEVICE)
    .option('--offset <offset>', 'a place in the allocation')
    .addOption(tagOption())
    .option('--all', 'all that the hosts have')
    .addOption(hostsOption())
    .option('--force', 'in use or not, as when a device fails')
    .option('--json', 'for programs')
    .action((device: string, options: ReleaseOptions) =>
      finish(async () => (await import('./action.ts')).release(device, options)),
    );
  capacity
    .command('list')
    .description('the devices, what is free, and what each host has')
    .argument('[device]', `only one: ${DEVICE}`)
    .option('--json', 'for programs')
    .action((device: string | undefined, options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).list(device, options)),
    );
};
