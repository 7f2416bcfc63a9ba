/**
 * A device class: `/sys/class/NAME` with a link for each device (`drivers/base/class.c`, 7.2).
 */

import type { KernfsDirectory } from '../kernfs/node.ts';
import { linkTo } from '../kernfs/node.ts';
import type { Device } from './device.ts';
import type { Kernel } from './kernel.ts';
import { DEVICE_LINKS } from './sources.ts';

export interface ClassOptions {
  readonly name: string;
  uevent?(device: Device): Iterable<readonly [string, string]>;
}

export class DeviceClass {
  readonly name: string;
  readonly directory: KernfsDirectory;
  private readonly kernel: Kernel;
  private readonly options: ClassOptions;

  constructor(kernel: Kernel, options: ClassOptions) {
    this.kernel = kernel;
    this.options = options;
    this.name = options.name;
    this.directory = kernel.directory('class').addDirectory(options.name);
    kernel.uevents.emit('add', `/class/${options.name}`, 'class');
  }

  /**
   * Where a device of this class lives: below its parent in a glue directory, or in
   * /sys/devices/virtual.
   */
  placeOf(parent: Device | undefined): KernfsDirectory {
    if (parent?.directory === undefined)
      return this.kernel.directory(`devices/virtual/${this.name}`);
    return parent.class === undefined
      ? parent.directory.ensureDirectory(this.name)
      : parent.directory;
  }

  /** cleanup_glue_dir(): the glue directory goes with its last device. */
  releasePlace(parent: Device | undefined): void {
    if (parent?.directory === undefined || parent.class !== undefined) return;
    const glue = parent.directory.lookup(this.name);
    if (glue?.kind === 'directory' && [...glue.names()].length === 0)
      parent.directory.remove(this.name);
  }

  link(device: Device, directory: KernfsDirectory): void {
    this.directory.add(linkTo(device.name, directory, DEVICE_LINKS));
    directory.add(linkTo('subsystem', this.directory, DEVICE_LINKS));
    if (device.parent?.directory !== undefined)
      directory.add(linkTo('device', device.parent.directory, DEVICE_LINKS));
  }

  unlink(device: Device): void {
    this.directory.remove(device.name);
    for (const name of ['subsystem', 'device']) device.directory?.remove(name);
  }

  uevent(device: Device): Iterable<readonly [string, string]> {
    return this.options.uevent?.(device) ?? [];
  }
}
