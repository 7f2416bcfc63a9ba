/**
 * Regions that a machine has when its boot is done: made through the public ABI, by the writes that a boot script with
 * the `cxl` tool makes.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { readFile, writeFile } from '../kernfs/access.ts';
import type { DeviceDescription, MachineDescription, RegionDescription } from './description/types.ts';
import { devicesOf } from './description/types.ts';

const DEVICES = 'bus/cxl/devices';

/** The decoders of the device's endpoint, lowest id first. */
function decodersOf(kernel: Kernel, device: DeviceDescription): string[] {
  const bus = kernel.directory(DEVICES);
  const serial = `0x${device.serial.toString(16)}\n`;
  const names = [...bus.names()];
  const memdev = names.find(
    (name) => /^mem\d+$/.test(name) && readFile(kernel.sys, `${DEVICES}/${name}/serial`) === serial,
  );
  const endpoint = names.find((name) => /^endpoint\d+$/.test(name) && uportOf(kernel, name) === memdev);
  if (endpoint === undefined)
    throw new Error(`device ${device.name} has no endpoint, its region cannot be made`);
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

function makeRegion(
  kernel: Kernel,
  region: RegionDescription,
  devices: ReadonlyMap<string, DeviceDescription>,
): void {
  const write = (path: string, text: string): void => {
    writeFile(kernel.sys, `${DEVICES}/${path}`, text);
    kernel.work.settle();
  };
  const create = `decoder0.${region.window}/create_${region.type}_region`;
  const name = readFile(kernel.sys, `${DEVICES}/${create}`).trim();
  const ways = region.devices.length;
  write(create, name);
  write(`${name}/interleave_granularity`, `${region.granularity}`);
  write(`${name}/interleave_ways`, `${ways}`);
  // A persistent region needs a uuid; its own is derived from its number so that boots are alike.
  if (region.type === 'pmem')
    write(`${name}/uuid`, `00000000-0000-4000-8000-${name.slice(6).padStart(12, '0')}\n`);
  write(`${name}/size`, `${region.size}`);
  for (const [position, deviceName] of region.devices.entries()) {
    const device = devices.get(deviceName);
    const decoder = device && freeDecoder(kernel, decodersOf(kernel, device));
    if (decoder === undefined) throw new Error(`${name}: ${deviceName} has no free decoder`);
    write(`${decoder}/mode`, region.type);
    write(`${decoder}/dpa_size`, `${region.size / ways}`);
    write(`${name}/target${position}`, decoder);
  }
  write(`${name}/commit`, '1');
  if (region.driver !== undefined) writeFile(kernel.sys, `bus/cxl/drivers/${region.driver}/bind`, name);
  kernel.work.settle();
}

function freeDecoder(kernel: Kernel, decoders: readonly string[]): string | undefined {
  return decoders.find((name) => Number(readFile(kernel.sys, `${DEVICES}/${name}/dpa_size`)) === 0);
}

/** Makes the regions that firmware did not make, in list order. Throws what a write of it throws. */
export function makeBootRegions(kernel: Kernel, description: MachineDescription): void {
  const devices = new Map(devicesOf(description).map((device) => [device.name, device]));
  for (const region of description.regions) if (!region.firmware) makeRegion(kernel, region, devices);
}
