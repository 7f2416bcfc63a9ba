/**
 * `daxctl reconfigure-device`.
 */
import { disableDevice, enableDevice, selectDevices } from './dax-device.ts';
import { blocksOf, switchBlocks } from './memory-blocks.ts';
import {
  driverOf,
  parseOptions,
  parseToolSize,
  readLine,
  statusOf,
  type Tool,
  type ToolContext,
  writeNumber,
} from './tool.ts';

type Options = ReadonlyMap<string, string>;

function toDevdax(context: ToolContext, device: string, options: Options): string | undefined {
  const driver = driverOf(context, device);
  if (driver === 'device_dax') return undefined;
  if (driver === 'kmem') {
    const online = blocksOf(context, device).some(
      (block) => readLine(context, `${block}/state`) !== 'offline',
    );
    if (online && !options.has('-f')) return 'EBUSY';
    const { errno } = switchBlocks(context, device, 'offline');
    if (errno !== undefined) return errno;
  }
  disableDevice(context, device);
  return enableDevice(context, device, 'device_dax');
}

function toSystemRam(context: ToolContext, device: string, options: Options): string | undefined {
  const policy = readLine(context, '/sys/devices/system/memory/auto_online_blocks');
  if (policy.startsWith('online') && !options.has('-f')) return 'EBUSY';
  if (driverOf(context, device) !== 'kmem') {
    disableDevice(context, device);
    const errno = enableDevice(context, device, 'kmem');
    if (errno !== undefined) return errno;
  }
  if (options.has('-N') || options.has('--no-online')) return undefined;
  return switchBlocks(context, device, options.has('--no-movable') ? 'online' : 'online_movable')
    .errno;
}

const MODES: Readonly<Record<string, typeof toDevdax>> = {
  devdax: toDevdax,
  'system-ram': toSystemRam,
};

/** Exit status of a usage error in the ndctl family. */
const USAGE = 129;

function reconfigure(context: ToolContext, device: string, options: Options): string | undefined {
  const mode = options.get('-m') ?? options.get('--mode');
  const align = options.get('-a');
  if (align !== undefined) {
    // The alignment is written first; then this version of the tool takes the mode for an unknown
    // one.
    writeNumber(context, `${device}/align`, parseToolSize(align));
    return 'EINVAL';
  }
  if (mode !== undefined) {
    const run = MODES[mode];
    return run === undefined ? 'EINVAL' : run(context, device, options);
  }
  const size = parseToolSize(options.get('-s') ?? '');
  const refused = writeNumber(context, `${device}/size`, `0x${size.toString(16)}`);
  return refused === undefined ? undefined : 'ENXIO';
}

export const reconfigureDevice: Tool = (context, words) => {
  const { options, names } = parseOptions(words, ['-m', '--mode', '-s', '-r', '-a']);
  const mode = options.get('-m') ?? options.get('--mode');
  if (mode === 'devdax' && (options.has('-N') || options.has('--no-online')))
    return { status: USAGE };
  let status = 0;
  for (const device of selectDevices(context, names)) {
    const errno = reconfigure(context, device, options);
    if (errno !== undefined) status = statusOf(errno);
  }
  return { status };
};
