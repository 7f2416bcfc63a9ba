/**
 * Commands of a fabric manager: dynamic capacity comes and goes.
 */
import { Option } from 'commander';
import type { AddCommand } from '../common/add-command.ts';
import type { AddOptions, ReleaseOptions } from './action.ts';

const DEVICE = 'name of a shared device (from anywhere), or memN (inside its box)';

const hostsOption = (): Option =>
  new Option('--host <name...>', 'names of hosts; several hosts share the extents');
const tagOption = (): Option => new Option('--tag <uuid>', 'tag of the allocation');

export const addCapacity: AddCommand = (root, finish) => {
  const capacity = root
    .command('capacity')
    .description('add dynamic capacity to running boxes, and release it');
  capacity
    .command('add')
    .description('add extents; the driver of their region decides how they appear')
    .argument('<device>', DEVICE)
    .requiredOption('--size <size>', 'size of each extent, such as 256MiB')
    .option('--offset <offset>', 'where in the dynamic partition; default: the first free place')
    .option('--count <n>', 'number of extents; default 1; with --tag they are one allocation')
    .addOption(tagOption())
    .addOption(hostsOption())
    .option('--json', 'print JSON')
    .action((device: string, options: AddOptions) =>
      finish(async () => (await import('./action.ts')).add(device, options)),
    );
  capacity
    .command('release')
    .description('release allocations; refused while they are in use')
    .argument('<device>', DEVICE)
    .option('--offset <offset>', 'release the allocation that contains this offset')
    .addOption(tagOption())
    .option('--all', 'release everything that the hosts have')
    .addOption(hostsOption())
    .option('--force', 'release even what is in use, as when a device fails')
    .option('--json', 'print JSON')
    .action((device: string, options: ReleaseOptions) =>
      finish(async () => (await import('./action.ts')).release(device, options)),
    );
  capacity
    .command('list')
    .description('list devices, their free capacity, and what each host has')
    .argument('[device]', `only this device: ${DEVICE}`)
    .option('--json', 'print JSON')
    .action((device: string | undefined, options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).list(device, options)),
    );
};
