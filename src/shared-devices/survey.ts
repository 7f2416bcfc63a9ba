/**
 * The shared devices of a root, as they are now. Looking takes away what dead hosts left.
 */
import { systemCallErrno } from '../errno.ts';
import { SHARED_NAME } from '../platform/description/types.ts';
import { tidyDevice, withDevice } from './device-lock.ts';
import type { Directory } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { type HostRecord, readHost } from './host-file.ts';
import { type Partitions, readIdentity, type SharedDevice } from './identity.ts';
import { IDENTITY, REMOVED } from './layout.ts';
import { ownUid } from './owner.ts';
import { removeRenamed } from './removal.ts';
import { withRoot } from './root.ts';

export interface SurveyedHost extends HostRecord {
  readonly name: string;
}

export interface SurveyedDevice extends SharedDevice {
  readonly folder: string;
  readonly hosts: readonly SurveyedHost[];
}

/** Another process is removing it, or it is not ours. */
function isLeftAlone(error: unknown): boolean {
  return error instanceof SharedDeviceError
    ? error.code === 'CXLBOX_SHARED_FOLDER'
    : systemCallErrno(error) !== undefined;
}

function deviceNames(root: Directory): string[] {
  return root.names().filter((name) => SHARED_NAME.test(name));
}

/**
 * Removes what processes that were killed left: devices without a host, and what was being removed.
 */
export function sweep(root: Directory): void {
  const removed = root.names().filter((name) => name.startsWith(REMOVED));
  const works = [
    ...removed.map((name) => () => removeRenamed(root, name)),
    ...deviceNames(root).map((name) => () => tidyDevice(root, name)),
  ];
  for (const work of works) {
    try {
      work();
    } catch (error) {
      if (!isLeftAlone(error)) throw error;
    }
  }
}

const NO_PARTITIONS: Partitions = { ram: 0, pmem: 0, dynamic_ram_a: 0 };

/** False for files of others beside the devices. */
function isDevice(root: Directory, name: string): boolean {
  try {
    return root.within(name, readIdentity) !== undefined;
  } catch (error) {
    if (isLeftAlone(error)) return false;
    throw error;
  }
}

function surveyDevice(root: Directory, name: string): SurveyedDevice | undefined {
  return withDevice(root, name, ({ folder, hosts, partitions }) => {
    const surveyed = hosts.map((host) => ({ name: host, ...readHost(folder, host) }));
    return {
      name,
      folder: folder.path,
      partitions: partitions ?? NO_PARTITIONS,
      hosts: surveyed,
    };
  });
}

/** All devices that have a living host, by name. CXLBOX_SHARED_FOLDER, CXLBOX_NO_FLOCK. */
export function surveyDevices(root: string): SurveyedDevice[] {
  const surveyed = withRoot(root, (devices) => {
    sweep(devices);
    return deviceNames(devices)
      .filter((name) => isDevice(devices, name))
      .flatMap((name) => surveyDevice(devices, name) ?? []);
  });
  return surveyed ?? [];
}

/**
 * A folder beside those of this user's devices that holds a device of another user, or cannot be
 * looked into.
 */
export interface ForeignFolder {
  readonly folder: string;
  /** Of its owner. */
  readonly uid: number;
}

function mayBeDevice(root: Directory, name: string): boolean {
  try {
    const folder = root.enter(name);
    const identity = folder.lstat(IDENTITY);
    folder.close();
    return identity !== undefined;
  } catch (error) {
    return systemCallErrno(error) === 'EACCES';
  }
}

function foreignFolder(root: Directory, name: string): ForeignFolder | undefined {
  const stat = root.lstat(name);
  if (!stat?.isDirectory() || stat.uid === ownUid()) return undefined;
  return mayBeDevice(root, name) ? { folder: `${root.path}/${name}`, uid: stat.uid } : undefined;
}

/** What may be devices of another user, which cannot be shared. CXLBOX_SHARED_FOLDER. */
export function foreignFolders(root: string): ForeignFolder[] {
  const folders = withRoot(root, (devices) =>
    deviceNames(devices).flatMap((name) => foreignFolder(devices, name) ?? []),
  );
  return folders ?? [];
}
