/**
 * A host and its shared devices, seen from outside of its box: attaching all of them or none, and
 * leaving.
 */
import { closeSync, fstatSync } from 'node:fs';
import { type LockedDevice, lockDevice, withDevice } from './device-lock.ts';
import type { Directory } from './directory.ts';
import { inFolder, SharedDeviceError } from './errors.ts';
import { makeHostFile, removeHostFile } from './host-file.ts';
import { describePartitions, type SharedDevice, samePartitions } from './identity.ts';
import { prepareRoot, withRoot } from './root.ts';
import { sweep } from './survey.ts';

/** A shared device and how the host sees it. */
export interface DeviceToAttach extends SharedDevice {
  /** The PCI function. */
  readonly pci: string;
}

export interface Attachment {
  /** Absolute. */
  readonly root: string;
  /** What other hosts call this one. */
  readonly host: string;
  /**
   * Detaches: to be called when no process of the host is left. Devices of which this was the last
   * host are gone then, with their contents. What cannot be removed now is left to the next process
   * that looks at the devices.
   */
  leave(): void;
}

function assertSame(
  { name, partitions }: SharedDevice,
  { hosts, partitions: there }: LockedDevice,
): void {
  if (there === undefined || samePartitions(there, partitions)) return;
  throw new SharedDeviceError(
    'CXLBOX_SHARED_MISMATCH',
    `'${name}' is ${describePartitions(there)} on ${hosts.map((host) => `'${host}'`).join(', ')}, ` +
      `but ${describePartitions(partitions)} on this machine`,
  );
}

/**
 * `wanted` if it is free on all devices, else CXLBOX_SHARED_HOST_TAKEN; by default the first free
 * of host0, host1, ...
 */
function freeName(
  wanted: string | undefined,
  devices: ReadonlyMap<SharedDevice, LockedDevice>,
): string {
  if (wanted === undefined) {
    const taken = new Set([...devices.values()].flatMap(({ hosts }) => hosts));
    for (let number = 0; ; number += 1) if (!taken.has(`host${number}`)) return `host${number}`;
  }
  for (const [{ name }, { hosts }] of devices) {
    if (!hosts.includes(wanted)) continue;
    const why = `'${wanted}' is already attached to '${name}'`;
    throw new SharedDeviceError('CXLBOX_SHARED_HOST_TAKEN', why);
  }
  return wanted;
}

/** A host's sign of life on one device. */
interface Attached {
  readonly name: string;
  /** Open, and locked. */
  readonly sign: number;
}

function leaveDevice(root: string, { name, sign }: Attached, host: string): void {
  try {
    withRoot(root, (devices) =>
      withDevice(devices, name, ({ folder }) => {
        // A host of the same name in a folder that was created again is a different host.
        if (fstatSync(sign).nlink > 0) removeHostFile(folder, host);
      }),
    );
  } catch (error) {
    if (!(error instanceof SharedDeviceError)) throw error;
  } finally {
    closeSync(sign);
  }
}

/** With the devices locked; what it made is taken back if it throws. */
function attachLocked(
  root: string,
  devices: ReadonlyMap<DeviceToAttach, LockedDevice>,
  wanted: string | undefined,
): Attachment {
  for (const [device, locked] of devices) assertSame(device, locked);
  const host = freeName(wanted, devices);
  const attached: Attached[] = [];
  try {
    for (const [{ name, partitions, pci }, locked] of devices) {
      if (locked.partitions === undefined) locked.define(partitions);
      attached.push({ name, sign: makeHostFile(locked.folder, host, pci) });
    }
  } catch (error) {
    for (const { sign } of attached) closeSync(sign);
    for (const { folder } of devices.values()) removeHostFile(folder, host);
    throw error;
  }
  const leave = (): void => {
    for (const device of attached) leaveDevice(root, device, host);
  };
  return { root, host, leave };
}

function attachIn(
  root: Directory,
  devices: readonly DeviceToAttach[],
  host: string | undefined,
): Attachment {
  sweep(root);
  const locked = new Map<DeviceToAttach, LockedDevice>();
  try {
    // All in the same order, so that two hosts never wait for one another.
    for (const device of [...devices].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const lock = lockDevice(root, device.name, { make: true });
      if (lock !== undefined) locked.set(device, lock);
    }
    return attachLocked(root.path, locked, host);
  } finally {
    for (const lock of locked.values()) lock.close();
  }
}

/**
 * Attaches a host to devices below `root`, which are made if they are not there. `host` absent: it
 * gets a name. CXLBOX_SHARED_MISMATCH, CXLBOX_SHARED_HOST_TAKEN, CXLBOX_SHARED_FOLDER,
 * CXLBOX_NO_FLOCK.
 */
export function attachHost(
  root: string,
  devices: readonly DeviceToAttach[],
  host?: string,
): Attachment {
  const opened = prepareRoot(root);
  try {
    return inFolder(() => attachIn(opened, devices, host));
  } finally {
    opened.close();
  }
}
