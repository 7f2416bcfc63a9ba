/**
 * The `daxctl` command.
 */

import { daxDevice, disableDevice, enableDevice, selectDevices } from './dax-device.ts';
import { reconfigureDevice } from './daxctl-reconfigure.ts';
import { switchBlocks } from './memory-blocks.ts';
import {
  driverOf,
  parseOptions,
  parseToolSize,
  readLine,
  realPath,
  statusOf,
  type Tool,
  type ToolContext,
  type ToolOutcome,
  writeNumber,
  writeString,
} from './tool.ts';

type DeviceAction = (device: string) => number;

/** Runs `action` on each named device that exists; the last status that is not 0. */
function forEachDevice(
  context: ToolContext,
  names: readonly string[],
  action: DeviceAction,
): ToolOutcome {
  let status = 0;
  for (const device of selectDevices(context, names)) status = action(device) || status;
  return { status };
}

function switchMemory(word: 'offline' | 'online'): Tool {
  return (context, words) => {
    const { options, names } = parseOptions(words, ['-r']);
    const goal = word === 'online' && !options.has('--no-movable') ? 'online_movable' : word;
    return forEachDevice(context, names, (device) => {
      if (driverOf(context, device) !== 'kmem') return statusOf('ENXIO');
      const { switched, errno } = switchBlocks(context, device, goal);
      if (errno !== undefined) return statusOf(errno);
      return switched === 0 ? 1 : 0;
    });
  };
}

const disable: Tool = (context, words) =>
  forEachDevice(context, parseOptions(words, ['-r']).names, (device) => {
    if (driverOf(context, device) === 'kmem') return statusOf('ENXIO');
    disableDevice(context, device);
    return 0;
  });

const enable: Tool = (context, words) =>
  forEachDevice(context, parseOptions(words, ['-r']).names, (device) => {
    const errno = enableDevice(context, device, 'device_dax');
    return errno === undefined ? 0 : statusOf('ENXIO');
  });

/**
 * ENXIO for an active device, unless forced: then it is disabled first. EBUSY of the first device
 * is forgiven.
 */
const destroy: Tool = (context, words) => {
  const { options, names } = parseOptions(words, ['-r']);
  const forced = options.has('-f') || options.has('--force');
  return forEachDevice(context, names, (device) => {
    if (driverOf(context, device) !== undefined && !forced) return statusOf('ENXIO');
    disableDevice(context, device);
    if (driverOf(context, device) !== undefined) return statusOf('EBUSY');
    const name = device.split('/').at(-1) ?? '';
    const errno = writeNumber(context, `${device}/size`, 0);
    if (errno !== undefined) return statusOf(errno);
    const refused = writeString(
      context,
      `${device.slice(0, device.lastIndexOf('/'))}/dax_region/delete`,
      name,
    );
    return refused === undefined || name.endsWith('.0') ? 0 : statusOf(refused);
  });
};

/**
 * The directory `dax_region` to make a device in: of the region that `-r` names, else of the first.
 */
function chooseRegion(context: ToolContext, wanted: string | undefined): string | undefined {
  const homes = selectDevices(context, ['all']).map((device) =>
    device.slice(0, device.lastIndexOf('/')),
  );
  const id = wanted === undefined ? undefined : /(\d+)$/.exec(wanted)?.[1];
  const home = homes.find((path) => id === undefined || path.endsWith(`dax_region${id}`));
  return home === undefined ? undefined : `${home}/dax_region`;
}

const create: Tool = (context, words) => {
  const { options } = parseOptions(words, ['-r', '-s', '-a']);
  const region = chooseRegion(context, options.get('-r'));
  if (region === undefined) return { status: 0 };
  const available = Number(readLine(context, `${region}/available_size`));
  const size = options.has('-s') ? parseToolSize(options.get('-s') ?? '') : available;
  if (available === 0 || size > available) return { status: statusOf('ENOSPC') };
  const refused = writeString(context, `${region}/create`, '1');
  if (refused !== undefined) return { status: statusOf(refused) };
  const device = daxDevice(context, readLine(context, `${region}/seed`));
  const errno =
    writeNumber(context, `${device}/size`, `0x${size.toString(16)}`) ??
    (options.has('-a')
      ? writeNumber(context, `${device}/align`, options.get('-a') ?? '')
      : undefined) ??
    enableDevice(context, device, 'device_dax');
  return errno === undefined ? { status: 0 } : { status: statusOf(errno) };
};

const COMMANDS: Readonly<Record<string, Tool>> = {
  'online-memory': switchMemory('online'),
  'offline-memory': switchMemory('offline'),
  'disable-device': disable,
  'enable-device': enable,
  'destroy-device': destroy,
  'create-device': create,
  'reconfigure-device': reconfigureDevice,
};

/** Commands that write and are not known here. */
const OTHER_WRITERS: ReadonlySet<string> = new Set(['migrate-device-model', 'split-acpi']);

/** Listings and help write nothing; without the bus there is nothing to work on. */
export const daxctl: Tool = (context, [name = '', ...words]) => {
  if (OTHER_WRITERS.has(name)) return undefined;
  const command = COMMANDS[name];
  const nothing = words.includes('--help') || realPath(context, '/sys/bus/dax') === undefined;
  return command === undefined || nothing ? {} : command(context, words);
};
