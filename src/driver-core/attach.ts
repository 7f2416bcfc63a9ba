/**
 * Binding and releasing (`drivers/base/dd.c`, 7.2): which checks `bind` makes in which order, what
 * a probe leaves behind when it fails, in which order a release takes things down.
 */

import { KernelError, ProbeDeferral } from '../errno.ts';
import { createGroup, removeGroup } from '../kernfs/attribute.ts';
import { linkTo } from '../kernfs/node.ts';
import { deviceName } from '../kernfs/parse.ts';
import type { Device } from './device.ts';
import type { BoundDriver, Driver } from './driver.ts';
import { DEVICE_LINKS, DRIVER_LINKS } from './sources.ts';
import { failureText } from './trace.ts';

/** Errors that a driver model reports quietly: the driver merely declines the device. */
const REJECTIONS: ReadonlySet<string> = new Set(['ENODEV', 'ENXIO']);

type ProbeFailure = { readonly error: KernelError | ProbeDeferral; readonly around: boolean };

/**
 * device_bind_driver's neighbour really_probe(): undefined on success. `around`: not the probe
 * itself failed.
 */
function reallyProbe<D extends Driver>(
  device: Device,
  driver: BoundDriver<D>,
): ProbeFailure | undefined {
  const { trace } = device.kernel;
  trace.note('probe', driver.name, device.name);
  if (!device.devres.empty) {
    const error = new KernelError('EBUSY', `${device.name} still has managed resources`);
    trace.note('probe', driver.name, device.name, error);
    return { error, around: true };
  }
  device.driver = driver;
  linkDriver(device, driver);
  try {
    device.kernel.probing.pass(device, driver.name);
    const busProbe = driver.bus.options.probe;
    if (busProbe !== undefined) busProbe(device, driver.driver);
    else driver.driver.probe(device);
  } catch (error) {
    if (!(error instanceof KernelError || error instanceof ProbeDeferral)) throw error;
    unlinkDriver(device, driver);
    device.devres.releaseAll();
    device.driver = undefined;
    logProbeFailure(device, driver, error);
    trace.note('probe', driver.name, device.name, error);
    return { error, around: false };
  }
  trace.note('probe', driver.name, device.name, 'ok');
  for (const group of driver.driver.deviceGroups ?? []) {
    if (device.directory !== undefined) createGroup(device.directory, group, device);
  }
  driver.devices.push(device);
  device.kernel.deferred.forget(device);
  device.kernel.deferred.retry();
  device.emit('bind');
  return undefined;
}

function logProbeFailure<D extends Driver>(
  device: Device,
  driver: BoundDriver<D>,
  error: KernelError | ProbeDeferral,
): void {
  const quiet = error instanceof ProbeDeferral || REJECTIONS.has(error.errno);
  const verdict = quiet ? 'rejects match' : 'probe failed';
  device.kernel.log.print(
    quiet ? 'debug' : 'err',
    `${driver.name} ${device.name}: ${verdict}: ${failureText(error)}`,
  );
}

function linkDriver<D extends Driver>(device: Device, driver: BoundDriver<D>): void {
  if (device.directory === undefined) return;
  driver.directory.add(linkTo(device.name, device.directory, DRIVER_LINKS));
  device.directory.add(linkTo('driver', driver.directory, DEVICE_LINKS));
}

function unlinkDriver<D extends Driver>(device: Device, driver: BoundDriver<D>): void {
  driver.directory.remove(device.name);
  device.directory?.remove('driver');
}

/** `bind` of a driver: ENODEV, EBUSY, EAGAIN, or the errno of the probe (device_driver_attach). */
export function bindByName<D extends Driver>(driver: BoundDriver<D>, text: string): void {
  const name = deviceName(text);
  driver.bus.kernel.trace.around('bind', driver.name, name, () => bind(driver, name));
}

function bind<D extends Driver>(driver: BoundDriver<D>, name: string): void {
  const device = driver.bus.device(name);
  if (device === undefined)
    throw new KernelError('ENODEV', `no device '${name}' on bus ${driver.bus.name}`);
  if (!driver.bus.matches(device, driver))
    throw new KernelError('ENODEV', `${driver.name} does not match ${name}`);
  if (!device.registered) throw new KernelError('ENODEV', `${name} is going away`);
  if (device.driver !== undefined)
    throw new KernelError('EBUSY', `${name} is bound to ${device.driver.name}`);
  if (!device.ready) throw new KernelError('EAGAIN', `${name} is not ready yet`);
  const failure = reallyProbe(device, driver);
  if (failure === undefined) return;
  if (failure.error instanceof ProbeDeferral)
    throw new KernelError('EAGAIN', failure.error.message);
  throw failure.error;
}

/**
 * `unbind` of a driver: ENODEV for an unknown device or one that this driver does not hold; nothing
 * vetoes it but Driver.assertReleasable.
 */
export function unbindByName<D extends Driver>(driver: BoundDriver<D>, text: string): void {
  const name = deviceName(text);
  driver.bus.kernel.trace.around('unbind', driver.name, name, () => unbind(driver, name));
}

function unbind<D extends Driver>(driver: BoundDriver<D>, name: string): void {
  const device = driver.bus.device(name);
  if (device === undefined)
    throw new KernelError('ENODEV', `no device '${name}' on bus ${driver.bus.name}`);
  if (!isDriverOf(device, driver))
    throw new KernelError('ENODEV', `${name} is not bound to ${driver.name}`);
  driver.driver.assertReleasable?.(device);
  releaseDriver(device);
}

function isDriverOf<D extends Driver>(device: Device, driver: BoundDriver<D>): boolean {
  return device.driver?.driver === driver.driver && device.driver.bus.name === driver.bus.name;
}

/**
 * device_release_driver(): links first, then remove, then managed resources in reverse, then the
 * `unbind` event.
 */
export function releaseDriver(device: Device): void {
  const { driver } = device;
  if (driver === undefined) return;
  device.kernel.trace.note('release', driver.name, device.name);
  unlinkDriver(device, driver);
  for (const group of driver.driver.deviceGroups ?? []) {
    if (device.directory !== undefined) removeGroup(device.directory, group);
  }
  const busRemove = driver.bus.options.remove;
  if (busRemove !== undefined) busRemove(device, driver.driver);
  else driver.driver.remove?.(device);
  device.devres.releaseAll();
  device.driver = undefined;
  const index = driver.devices.indexOf(device);
  if (index >= 0) driver.devices.splice(index, 1);
  device.emit('unbind');
}

/**
 * __device_attach(): offers the device to each driver in registration order until one takes it.
 * Automatic binding leaves drivers that prefer asynchronous probing to the work queue. EINVAL if
 * the machinery around a probe failed.
 */
export function attachDevice<D extends Driver>(
  device: Device,
  drivers: readonly BoundDriver<D>[],
  occasion: 'automatic' | 'requested',
): void {
  const candidates = drivers.filter((driver) => driver.bus.matches(device, driver));
  const now =
    occasion === 'automatic' ? candidates.filter((each) => !each.driver.asynchronous) : candidates;
  if (offer(device, now) || now.length === candidates.length) return;
  probeLater(device, undefined, () => {
    offer(
      device,
      candidates.filter((each) => each.driver.asynchronous),
    );
  });
}

/** driver_attach() for one device: an error of any kind is not reported. */
export function attachDeviceTo<D extends Driver>(device: Device, driver: BoundDriver<D>): void {
  if (device.driver !== undefined || !device.ready || !driver.bus.matches(device, driver)) return;
  if (!driver.driver.asynchronous) {
    offerQuietly(device, driver);
    return;
  }
  probeLater(device, driver.name, () => offerQuietly(device, driver));
}

/** `driver` is the one that the device is offered to, where it is a single one. */
function probeLater(device: Device, driver: string | undefined, probe: () => void): void {
  const { trace, work } = device.kernel;
  trace.note('async', driver, device.name, 'queued');
  const label = driver === undefined ? device.name : `${device.name} with ${driver}`;
  work.schedule(`probe ${label}`, () => {
    const unbound = device.registered && device.driver === undefined;
    trace.note('async', driver, device.name, unbound ? 'run' : 'not needed');
    if (unbound) probe();
  });
}

function offerQuietly<D extends Driver>(device: Device, driver: BoundDriver<D>): void {
  const failure = reallyProbe(device, driver);
  if (failure?.error instanceof ProbeDeferral)
    device.kernel.deferred.add(device, failure.error.message);
}

/** True once a driver took the device. A probe that fails passes the turn to the next driver. */
function offer<D extends Driver>(device: Device, drivers: readonly BoundDriver<D>[]): boolean {
  for (const driver of drivers) {
    const failure = reallyProbe(device, driver);
    if (failure === undefined) return true;
    if (failure.around) throw new KernelError('EINVAL', failure.error.message);
    if (failure.error instanceof ProbeDeferral)
      device.kernel.deferred.add(device, failure.error.message);
  }
  return false;
}
