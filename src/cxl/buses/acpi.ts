/**
 * The bus `acpi`, as far as tools look at it: the devices ACPI0017 and ACPI0016, linked with their
 * physical nodes (`firmware_node`, `physical_node`; `drivers/acpi/glue.c`).
 */

import { Bus } from '../../driver-core/bus.ts';
import { Device, type DeviceType } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { linkTo } from '../../kernfs/node.ts';
import { ACPI_FILES } from '../sources.ts';

export interface AcpiObject {
  /** Such as `ACPI0016`. */
  readonly hid: string;
  readonly uid: string;
  /** Name in the ACPI namespace, such as `\_SB_.CXL0`. */
  readonly path: string;
}

const TYPE: DeviceType<AcpiObject> = {
  source: ACPI_FILES,
  groups: [
    {
      attributes: (['hid', 'path', 'uid'] as const).map(
        (name): Attribute<AcpiObject> => ({
          name,
          mode: 0o444,
          show: (object) => `${object[name]}\n`,
        }),
      ),
    },
    { attributes: [{ name: 'modalias', mode: 0o444, show: (object) => `acpi:${object.hid}:\n` }] },
  ],
};

function isAcpiObject(object: unknown): object is AcpiObject {
  return typeof object === 'object' && object !== null && 'hid' in object;
}

export function createAcpiBus(kernel: Kernel): Bus {
  return new Bus(kernel, {
    name: 'acpi',
    uevent: ({ object }) => (isAcpiObject(object) ? [['MODALIAS', `acpi:${object.hid}:`]] : []),
  });
}

/** Adds the ACPI device `name` and ties it to its physical device. */
export function addAcpiCompanion(
  bus: Bus,
  name: string,
  object: AcpiObject,
  physical: Device,
): void {
  const place = bus.kernel.directory('devices/LNXSYSTM:00/LNXSYBUS:00');
  const companion = new Device<AcpiObject>(bus.kernel, {
    name,
    object,
    bus,
    type: TYPE,
    place,
  }).add();
  if (companion.directory === undefined || physical.directory === undefined) return;
  companion.directory.add(linkTo('physical_node', physical.directory, ACPI_FILES));
  physical.directory.add(linkTo('firmware_node', companion.directory, ACPI_FILES));
}
