/**
 * What a shared device is, as all its hosts have to see it, and the file that says so.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Capacity, PARTITION_MODES, totalCapacity } from '../cxl/objects/partition.ts';
import { formatSize } from '../platform/description/units.ts';
import { errnoOf, SharedDeviceError } from './errors.ts';

/** Bytes by mode, in order of DPA. */
export type Partitions = Capacity;

export interface SharedDevice {
  /** Among the hosts. */
  readonly name: string;
  readonly partitions: Partitions;
}

const FILE = 'device.json';
/** A file of this name may be what a killed process left. */
export const UNFINISHED_FILE = 'device.json.new';
const FORMAT = 'cxlbox shared device';
const VERSION = 1;

interface Written {
  readonly format: string;
  readonly version: number;
  readonly partitions: Partitions;
}

export function writeIdentity(folder: string, partitions: Partitions): void {
  const written: Written = { format: FORMAT, version: VERSION, partitions };
  writeFileSync(`${folder}/${UNFINISHED_FILE}`, `${JSON.stringify(written)}\n`, { mode: 0o600 });
  renameSync(`${folder}/${UNFINISHED_FILE}`, `${folder}/${FILE}`);
}

function parse(text: string): Partial<Written> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Written>;
  } catch {
    return {};
  }
}

/** Undefined if the folder has no such file. CXLBOX_SHARED_FOLDER: it is not ours, or of another version. */
export function readIdentity(folder: string): Partitions | undefined {
  let text: string;
  try {
    text = readFileSync(`${folder}/${FILE}`, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const { format, version, partitions } = parse(text);
  if (format !== FORMAT || partitions === undefined)
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${folder}/${FILE} is not a file of cxlbox`,
    );
  if (version === VERSION) return partitions;
  const why = `${folder} was made by another cxlbox: it is of version ${version}, not ${VERSION}`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}

export function samePartitions(one: Partitions, other: Partitions): boolean {
  return PARTITION_MODES.every((mode) => one[mode] === other[mode]);
}

/** `4GiB (ram 3GiB, pmem 1GiB)` */
export function describePartitions(partitions: Partitions): string {
  const modes = PARTITION_MODES.filter((mode) => partitions[mode] > 0);
  return `${formatSize(totalCapacity(partitions))} (${modes.map((mode) => `${mode} ${formatSize(partitions[mode])}`).join(', ')})`;
}
