/**
 * One host of a device with dynamic capacity, as the fabric manager reaches it: the debugfs files of its box.
 */
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { CommandError } from '../command-error.ts';
import { refusalReason } from '../log/box-files.ts';
import { type Extent, extentsText, parseExtents } from './extent.ts';

export const CAPACITY = '/sys/kernel/debug/cxlbox/capacity';
const DAX_DEVICES = '/sys/bus/dax/devices';

/** What the fabric manager was asked for cannot be done. The message says why, the remedy what to do. */
export class CapacityError extends CommandError {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'CapacityError';
    this.remedy = remedy;
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EBUSY: 'offline its memory blocks, or end the programs that map it; --force takes it all the same',
  ENXIO: 'in the box, make a committed region over the capacity and bind a driver to it',
  EPIPE: 'start the box again',
};
const REMEDY = 'docs/dynamic-capacity.md says what a host accepts';

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
    return parseExtents(await this.client.read(`${CAPACITY}/${this.memdev}/extents`));
  }

  /** Extents of one tag, or one untagged. Returns the dax devices that have come. CapacityError: the host refuses. */
  async add(extents: readonly Extent[]): Promise<string[]> {
    const before = new Set(await this.daxDevices());
    await this.order('add', extentsText(extents));
    return (await this.daxDevices()).filter((name) => !before.has(name));
  }

  /** CapacityError: the host refuses. */
  async release(extent: Extent, force = false): Promise<void> {
    await this.order('release', extentsText([extent], ...(force ? ['force'] : [])));
  }

  private daxDevices(): Promise<string[]> {
    return this.client.list(DAX_DEVICES);
  }

  private async order(file: 'add' | 'release', text: string): Promise<void> {
    const path = `${CAPACITY}/${this.memdev}/${file}`;
    try {
      await this.client.write(path, text);
    } catch (error) {
      if (!(error instanceof SysfsError)) throw error;
      const reason = (await refusalReason(this.client, path)) ?? error.reason;
      throw new CapacityError(
        `${this.name} refuses: ${error.errno}: ${reason}`,
        REMEDIES[error.errno] ?? REMEDY,
      );
    }
  }
}
