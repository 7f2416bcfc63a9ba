/**
 * One host of a device with dynamic capacity, as the fabric manager reaches it: the debugfs files
 * of its box.
 */
import { type BoxFile, boxPath } from '../../cxlbox-abi/box-file.ts';
import {
  CAPACITY_ADD,
  CAPACITY_EXTENTS,
  CAPACITY_RELEASE,
  type CapacityRequest,
  type Extent,
} from '../../cxlbox-abi/capacity.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { readBoxFile, refusalReason, writeBoxFile } from '../common/box-files.ts';
import { CommandError } from '../common/command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { capacityRequest } from './extent.ts';

const DAX_DEVICES = '/sys/bus/dax/devices';

/** What the fabric manager was asked for cannot be done. */
export class CapacityError extends CommandError {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'CapacityError';
    this.remedy = remedy;
  }
}

type Order = 'add' | 'release' | 'forced release';

const REMEDIES: Readonly<Record<Order, Readonly<Record<string, string>>>> = {
  add: {
    EBUSY: 'release what the host has there first, or leave out --offset to use a free place',
    ENXIO: 'in the box, create a committed region over the capacity and bind a driver to it',
    ENOSPC:
      'in the box, unbind the driver of the region, which still holds what was released by force; or choose another --offset',
  },
  release: {
    EBUSY:
      'offline its memory blocks, or end the programs that map it; --force releases it regardless',
  },
  'forced release': { EBUSY: 'offline its memory blocks first' },
};
const REMEDY = 'see docs/dynamic-capacity.md for what a host accepts';

/** A host does not do what it was asked for, as it may. */
export class RefusedError extends CapacityError {
  override readonly code = EXIT.refused;

  constructor(host: string, order: Order, errno: string, reason: string) {
    super(`${host} refuses: ${errno}: ${reason}`, REMEDIES[order][errno] ?? REMEDY);
    this.name = 'RefusedError';
  }
}

/** What has come of an allocation. */
export interface Surfaced {
  readonly dax: string;
  /** Null: no driver takes it, or its probe failed; the kernel log of the box says why. */
  readonly driver: string | null;
}

export class CapacityHost {
  /** What the fabric manager calls it. */
  readonly name: string;
  /** Its name for the device. */
  readonly memdev: string;
  private readonly client: SysfsClient;

  constructor(name: string, memdev: string, client: SysfsClient) {
    this.name = name;
    this.memdev = memdev;
    this.client = client;
  }

  /** Bytes of the dynamic partition. */
  async size(): Promise<number> {
    return Number(await this.client.read(`/sys/bus/cxl/devices/${this.memdev}/dynamic_ram_a/size`));
  }

  async extents(): Promise<Extent[]> {
    return [...(await readBoxFile(this.client, CAPACITY_EXTENTS, this.memdev))];
  }

  /** Extents of one tag, or one untagged. Returns the dax devices that have come. RefusedError. */
  async add(extents: readonly Extent[]): Promise<Surfaced[]> {
    const before = new Set(await this.daxDevices());
    await this.order('add', CAPACITY_ADD, capacityRequest(extents));
    const come = (await this.daxDevices()).filter((name) => !before.has(name));
    return Promise.all(come.map(async (dax) => ({ dax, driver: await this.driverOf(dax) })));
  }

  /** RefusedError. */
  async release(extent: Extent, force = false): Promise<void> {
    const request = capacityRequest([extent], force);
    await this.order(force ? 'forced release' : 'release', CAPACITY_RELEASE, request);
  }

  private daxDevices(): Promise<string[]> {
    return this.client.list(DAX_DEVICES);
  }

  private async driverOf(dax: string): Promise<string | null> {
    try {
      return (await this.client.readlink(`${DAX_DEVICES}/${dax}/driver`)).split('/').at(-1) ?? null;
    } catch (error) {
      if (error instanceof SysfsError && error.errno === 'ENOENT') return null;
      throw error;
    }
  }

  private async order(
    order: Order,
    file: BoxFile<CapacityRequest>,
    request: CapacityRequest,
  ): Promise<void> {
    try {
      await writeBoxFile(this.client, file, request, this.memdev);
    } catch (error) {
      if (!(error instanceof SysfsError)) throw error;
      const reason =
        (await refusalReason(this.client, boxPath(file, this.memdev), error.errno)) ?? error.reason;
      throw new RefusedError(this.name, order, error.errno, reason);
    }
  }
}
