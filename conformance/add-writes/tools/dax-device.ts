/**
 * Binding dax devices as libdaxctl does.
 */
import { driverOf, realPath, type ToolContext, writeString } from './tool.ts';

const DAX_DEVICES = '/sys/bus/dax/devices';
const DAX_DRIVERS = '/sys/bus/dax/drivers';

export type DaxDriver = 'device_dax' | 'kmem';

/** The real path of `daxN.M`; empty if there is no such device. */
export function daxDevice(context: ToolContext, name: string): string {
  return realPath(context, `${DAX_DEVICES}/${name}`) ?? '';
}

/** Real paths of the devices that the words name; `all`: every one. */
export function selectDevices(context: ToolContext, names: readonly string[]): string[] {
  const all = context.files.list(DAX_DEVICES).filter((name) => /^dax\d+\.\d+$/.test(name));
  return all
    .filter((name) => names.includes('all') || names.includes(name))
    .map((name) => daxDevice(context, name));
}

/**
 * Takes the name out of the driver's ids, then unbinds. Nothing to do for a device without driver.
 */
export function disableDevice(context: ToolContext, device: string): void {
  if (driverOf(context, device) === undefined) return;
  const name = device.split('/').at(-1) ?? '';
  writeString(context, `${device}/driver/remove_id`, name);
  writeString(context, `${device}/driver/unbind`, name);
}

/** libkmod's part of daxctl_insert_kmod_for_mode(): does nothing where the driver is there. */
function insertModule(context: ToolContext, driver: DaxDriver): void {
  if (context.files.lookup(`${DAX_DRIVERS}/${driver}`) === undefined)
    context.module('load', driver);
}

/**
 * new_id, which attaches, then bind, whose EBUSY is fine; the errno of the failure if no driver
 * holds it afterwards.
 */
export function enableDevice(
  context: ToolContext,
  device: string,
  driver: DaxDriver,
): string | undefined {
  if (driverOf(context, device) === driver) return undefined;
  insertModule(context, driver);
  const name = device.split('/').at(-1) ?? '';
  writeString(context, `${DAX_DRIVERS}/${driver}/new_id`, name);
  const errno = writeString(context, `${DAX_DRIVERS}/${driver}/bind`, name);
  return driverOf(context, device) === undefined ? (errno ?? 'ENXIO') : undefined;
}
