/**
 * Which memory devices of a machine other hosts have too.
 */
import {
  type DeviceDescription,
  devicesBelow,
  type MachineDescription,
} from '../platform/description/types.ts';

export type SharedDescription = DeviceDescription & { readonly shared: string };

/**
 * The parts of a machine description that say what is shared; machines of other packages may lack
 * them.
 */
export type SharingDescription = Partial<Pick<MachineDescription, 'hostBridges' | 'host'>>;

export function sharedDevicesOf({ hostBridges }: SharingDescription): SharedDescription[] {
  return (hostBridges ?? [])
    .flatMap(({ rootPorts }) => [...devicesBelow(rootPorts)])
    .filter((device): device is SharedDescription => device.shared !== undefined);
}

export function hasShared(description: unknown): description is SharingDescription {
  return (
    typeof description === 'object' &&
    description !== null &&
    sharedDevicesOf(description).length > 0
  );
}
