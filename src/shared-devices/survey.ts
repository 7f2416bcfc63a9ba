/**
 * The shared devices of a root, as they are now. Looking takes away what dead hosts left.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { REMOVED, tidyDevice, withDevice } from './device-lock.ts';
import { errnoOf, inFolder } from './errors.ts';
import { type HostRecord, readHost } from './host-file.ts';
import { type Partitions, readIdentity, type SharedDevice } from './identity.ts';

export interface SurveyedHost extends HostRecord {
  readonly name: string;
}

export interface SurveyedDevice extends SharedDevice {
  readonly folder: string;
  readonly hosts: readonly SurveyedHost[];
}

function namesIn(root: string): string[] {
  try {
    return readdirSync(root).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes what processes that were killed left: devices without a host, and what was being removed. */
export function sweep(root: string): void {
  for (const name of namesIn(root)) {
    const folder = `${root}/${name}`;
    try {
      if (name.startsWith(REMOVED)) rmSync(folder, { recursive: true, force: true });
      else tidyDevice(folder);
    } catch (error) {
      // Somebody else removes it at this moment, or it is not ours.
      if (errnoOf(error) === undefined) throw error;
    }
  }
}

const NO_PARTITIONS: Partitions = { ram: 0, pmem: 0, dynamic_ram_a: 0 };

/** False for what somebody else keeps beside the devices. */
function isDevice(folder: string): boolean {
  try {
    return readIdentity(folder) !== undefined;
  } catch {
    return false;
  }
}

function surveyDevice(root: string, name: string): SurveyedDevice | undefined {
  const folder = `${root}/${name}`;
  return withDevice(folder, ({ hosts, partitions }) => {
    const surveyed = hosts.map((host) => ({ name: host, ...readHost(folder, host) }));
    return { name, folder, partitions: partitions ?? NO_PARTITIONS, hosts: surveyed };
  });
}

/** All devices that have a living host, by name. CXLBOX_SHARED_FOLDER, CXLBOX_NO_FLOCK. */
export function surveyDevices(root: string): SurveyedDevice[] {
  return inFolder(() => {
    sweep(root);
    return namesIn(root)
      .filter((name) => isDevice(`${root}/${name}`))
      .flatMap((name) => surveyDevice(root, name) ?? []);
  });
}

/** A folder beside those of this user's devices that only its owner may look into. */
export interface ForeignFolder {
  readonly folder: string;
  /** Of its owner. */
  readonly uid: number;
}

function foreignFolder(folder: string): ForeignFolder | undefined {
  try {
    readIdentity(folder);
    return undefined;
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') return undefined;
    const stat = statSync(folder, { throwIfNoEntry: false });
    return stat?.isDirectory() ? { folder, uid: stat.uid } : undefined;
  }
}

/** What may be devices of somebody else: sharing is for one user. CXLBOX_SHARED_FOLDER. */
export function foreignFolders(root: string): ForeignFolder[] {
  return inFolder(() => namesIn(root).flatMap((name) => foreignFolder(`${root}/${name}`) ?? []));
}
