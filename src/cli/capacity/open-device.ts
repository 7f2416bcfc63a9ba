/**
 * How the fabric manager finds the hosts of a device: the box that this process is in, or the boxes
 * that have a shared device attached.
 */
import { randomUUID } from 'node:crypto';
import { boxDirectory } from '../../cxlbox-abi/box-file.ts';
import { CAPACITY_EXTENTS } from '../../cxlbox-abi/capacity.ts';
import {
  SharedDeviceError,
  type SurveyedDevice,
  type SurveyedHost,
  sharedRoot,
  surveyDevices,
  withFabricLock,
  withSocketPath,
} from '../../shared-devices/index.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { SocketClient } from '../../sysfs-client/socket-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { NO_BOX } from '../common/box-files.ts';
import type { CapacityDevice } from './fabric-manager.ts';
import { CapacityError, CapacityHost } from './host.ts';

/** Milliseconds: a box that is stopped answers nothing. */
const PATIENCE = 5000;
const MEMDEVS = '/sys/bus/cxl/devices';

/** Memory devices with dynamic capacity of the box behind `client`; none elsewhere. */
async function memdevsOf(client: SysfsClient): Promise<string[]> {
  try {
    return await client.list(boxDirectory(CAPACITY_EXTENTS));
  } catch (error) {
    if (error instanceof SysfsError && NO_BOX.has(error.errno)) return [];
    throw error;
  }
}

function inSight(memdev: string): CapacityDevice {
  return {
    name: memdev,
    hosts: [new CapacityHost('box', memdev, new HostClient())],
    silent: [],
    newTag: randomUUID,
  };
}

/** The name by which a box has the device at a PCI function. */
async function memdevAt(client: SysfsClient, pci: string): Promise<string | undefined> {
  for (const name of await memdevsOf(client))
    if ((await client.readlink(`${MEMDEVS}/${name}`)).split('/').includes(pci)) return name;
  return undefined;
}

/** Why a host cannot be asked. */
class SilentError extends Error {}

/** SilentError. */
async function connect(device: SurveyedDevice, { name }: SurveyedHost): Promise<SocketClient> {
  try {
    return await withSocketPath(sharedRoot(), device.name, name, (path) =>
      SocketClient.connect(path, { patience: PATIENCE }),
    );
  } catch (error) {
    if (error instanceof SharedDeviceError) throw new SilentError(error.message);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new SilentError('its box is still being opened, or is ending');
  }
}

/** SilentError. */
async function hostBehind(
  client: SocketClient,
  { name, pci }: SurveyedHost,
): Promise<CapacityHost> {
  try {
    const memdev = await memdevAt(client, pci);
    if (memdev !== undefined) return new CapacityHost(name, memdev, client);
  } catch (error) {
    if (!(error instanceof SysfsError)) throw error;
    throw new SilentError(error.reason);
  }
  throw new SilentError(`its box has no memory device at ${pci}`);
}

async function withHosts<T>(
  device: SurveyedDevice,
  work: (found: CapacityDevice) => Promise<T>,
): Promise<T> {
  const clients: SocketClient[] = [];
  const hosts: CapacityHost[] = [];
  const silent: { readonly name: string; readonly why: string }[] = [];
  try {
    for (const host of device.hosts) {
      try {
        const client = await connect(device, host);
        clients.push(client);
        hosts.push(await hostBehind(client, host));
      } catch (error) {
        if (!(error instanceof SilentError)) throw error;
        silent.push({ name: host.name, why: error.message });
      }
    }
    return await work({ name: device.name, hosts, silent, newTag: randomUUID });
  } finally {
    for (const client of clients) client.close();
  }
}

function isDynamic({ partitions }: SurveyedDevice): boolean {
  return partitions.dynamic_ram_a > 0;
}

/**
 * What `work` gives for a device: `memN` of this box, or a shared device by name. CapacityError: it
 * does not exist, or it has no dynamic capacity, or no host that can be asked.
 */
export async function withCapacityDevice<T>(
  target: string,
  work: (device: CapacityDevice) => Promise<T>,
): Promise<T> {
  if (/^mem\d+$/.test(target)) {
    if ((await memdevsOf(new HostClient())).includes(target)) return work(inSight(target));
    throw new CapacityError(
      `this /sys has no ${target} with dynamic capacity, or does not belong to a box`,
      `run this inside a box whose machine file gives a device dynamic_ram_a: cxlbox run -- cxlbox capacity ...`,
    );
  }
  const devices = surveyDevices(sharedRoot());
  const device = devices.find(({ name }) => name === target);
  if (device === undefined)
    throw new CapacityError(
      `no running box has a shared device '${target}'`,
      devices.length === 0
        ? 'start one first'
        : `choose one of ${devices.map(({ name }) => name).join(', ')}`,
    );
  if (!isDynamic(device))
    throw new CapacityError(
      `shared device '${target}' has no dynamic capacity`,
      'give it dynamic_ram_a in the machine files',
    );
  return withFabricLock(sharedRoot(), device.name, () =>
    withHosts(device, (found) => {
      if (found.hosts.length > 0) return work(found);
      const [silent] = found.silent;
      const why = silent === undefined ? '' : `: ${silent.name}: ${silent.why}`;
      throw new CapacityError(
        `no host of '${target}' can be asked${why}`,
        'wait until its box is open',
      );
    }),
  );
}

/** All that can be seen from here: shared devices, and the devices of this box. */
export async function forEachDevice(
  work: (device: CapacityDevice) => Promise<void>,
): Promise<void> {
  for (const memdev of await memdevsOf(new HostClient())) await work(inSight(memdev));
  for (const device of surveyDevices(sharedRoot()).filter(isDynamic)) await withHosts(device, work);
}
