/**
 * Regions that a machine has when its boot is done: made through the public ABI, by the writes that
 * a boot script with the `cxl` tool makes.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import { readFile } from '../kernfs/access.ts';
import type {
  DeviceDescription,
  MachineDescription,
  RegionDescription,
} from './description/types.ts';
import { devicesOf } from './description/types.ts';
import { writePath } from './user-write.ts';

const DEVICES = 'bus/cxl/devices';

/** The decoders of the device's endpoint, lowest id first. */
function decodersOf(kernel: Kernel, device: DeviceDescription): string[] {
  const bus = kernel.directory(DEVICES);
  const serial = `0x${device.serial.toString(16)}\n`;
  const names = [...bus.names()];
  const memdev = names.find(
    (name) => /^mem\d+$/.test(name) && readFile(kernel.sys, `${DEVICES}/${name}/serial`) === serial,
  );
  const endpoint = names.find(
    (name) => /^endpoint\d+$/.test(name) && uportOf(kernel, name) === memdev,
  );
  if (endpoint === undefined)
    throw new KernelError(
      'ENODEV',
      `device ${device.name} has no endpoint, its region cannot be made`,
    );
  const id = endpoint.slice('endpoint'.length);
  const own = names.filter((name) => name.startsWith(`decoder${id}.`));
  return own.sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]));
}

function uportOf(kernel: Kernel, endpoint: string): string | undefined {
  const link = kernel.directory(DEVICES).lookup(endpoint);
  const at = link?.kind === 'link' ? link.read().replace(/^(\.\.\/)+/, '') : '';
  const uport = kernel.directory(at).lookup('uport');
  return uport?.kind === 'link' ? uport.read().split('/').at(-1) : undefined;
}

function write(kernel: Kernel, path: string, text: string): void {
  writePath(kernel, `/sys/${path}`, text);
}

function freeDecoder(kernel: Kernel, decoders: readonly string[]): string | undefined {
  return decoders.find((name) => Number(readFile(kernel.sys, `${DEVICES}/${name}/dpa_size`)) === 0);
}

/** Gives each position a decoder; `taken` learns of them one by one. */
function attachTargets(
  kernel: Kernel,
  name: string,
  region: RegionDescription,
  devices: ReadonlyMap<string, DeviceDescription>,
  taken: string[],
): void {
  for (const [position, deviceName] of region.devices.entries()) {
    const device = devices.get(deviceName);
    const decoder = device && freeDecoder(kernel, decodersOf(kernel, device));
    if (decoder === undefined)
      throw new KernelError('ENODEV', `${name}: ${deviceName} has no free decoder`);
    taken.push(decoder);
    write(kernel, `${DEVICES}/${decoder}/mode`, region.type);
    write(kernel, `${DEVICES}/${decoder}/dpa_size`, `${region.size / region.devices.length}`);
    write(kernel, `${DEVICES}/${name}/target${position}`, decoder);
  }
}

/** Makes and commits the region and returns its name. What fails midway leaves nothing behind. */
function makeRegion(
  kernel: Kernel,
  region: RegionDescription,
  devices: ReadonlyMap<string, DeviceDescription>,
): string {
  const root = `${DEVICES}/decoder0.${region.window}`;
  const name = readFile(kernel.sys, `${root}/create_${region.type}_region`).trim();
  write(kernel, `${root}/create_${region.type}_region`, name);
  const taken: string[] = [];
  try {
    write(kernel, `${DEVICES}/${name}/interleave_granularity`, `${region.granularity}`);
    write(kernel, `${DEVICES}/${name}/interleave_ways`, `${region.devices.length}`);
    // A persistent region needs a uuid; its own is derived from its number so that boots are alike.
    if (region.type === 'pmem')
      write(
        kernel,
        `${DEVICES}/${name}/uuid`,
        `00000000-0000-4000-8000-${name.slice(6).padStart(12, '0')}\n`,
      );
    write(kernel, `${DEVICES}/${name}/size`, `${region.size}`);
    attachTargets(kernel, name, region, devices, taken);
    write(kernel, `${DEVICES}/${name}/commit`, '1');
  } catch (error) {
    write(kernel, `${root}/delete_region`, name);
    for (const decoder of taken.reverse()) write(kernel, `${DEVICES}/${decoder}/dpa_size`, '0');
    throw error;
  }
  return name;
}

/**
 * Makes the regions that firmware did not make, in list order. Throws what a write of it throws; in
 * a machine with faults the log tells instead, and the boot goes on, as after a boot script whose
 * tool failed.
 */
export function makeBootRegions(kernel: Kernel, description: MachineDescription): void {
  const devices = new Map(devicesOf(description).map((device) => [device.name, device]));
  for (const region of description.regions) {
    if (region.firmware) continue;
    try {
      const name = makeRegion(kernel, region, devices);
      if (region.driver !== undefined) write(kernel, `bus/cxl/drivers/${region.driver}/bind`, name);
    } catch (error) {
      if (!(error instanceof KernelError) || description.faults.length === 0) throw error;
      kernel.log.print(
        'err',
        `boot: the region over ${region.devices.join(', ')}: ${error.message}`,
      );
    }
  }
}
