/**
 * What a shared device is, as all its hosts have to see it, and the file that says so.
 */
import { closeSync, constants, ftruncateSync, readFileSync, writeFileSync } from 'node:fs';
import { type Capacity, PARTITION_MODES, totalCapacity } from '../cxl/objects/partition.ts';
import { exactSize } from '../units.ts';
import { type Directory, ifThere } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { IDENTITY, UNFINISHED_IDENTITY } from './layout.ts';

/** Bytes by mode, in order of DPA. */
export type Partitions = Capacity;

export interface SharedDevice {
  /** Among the hosts. */
  readonly name: string;
  readonly partitions: Partitions;
}

const FORMAT = 'cxlbox shared device';
const VERSION = 1;

interface Written {
  readonly format: string;
  readonly version: number;
  readonly partitions: Partitions;
}

export function writeIdentity(folder: Directory, partitions: Partitions): void {
  const written: Written = { format: FORMAT, version: VERSION, partitions };
  const file = folder.openFile(UNFINISHED_IDENTITY, constants.O_WRONLY | constants.O_CREAT);
  try {
    ftruncateSync(file);
    writeFileSync(file, `${JSON.stringify(written)}\n`);
  } finally {
    closeSync(file);
  }
  folder.rename(UNFINISHED_IDENTITY, IDENTITY);
}

function parse(text: string): Partial<Written> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Written>;
  } catch {
    return {};
  }
}

function readText(folder: Directory): string | undefined {
  const file = ifThere(() => folder.openFile(IDENTITY, constants.O_RDONLY));
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * Undefined if the folder has no such file. CXLBOX_SHARED_FOLDER: it is not ours, or of another
 * version.
 */
export function readIdentity(folder: Directory): Partitions | undefined {
  const text = readText(folder);
  if (text === undefined) return undefined;
  const { format, version, partitions } = parse(text);
  if (format !== FORMAT || partitions === undefined)
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${folder.path}/${IDENTITY} is not a file of cxlbox`,
    );
  if (version === VERSION) return partitions;
  const why = `${folder.path} was made by another version of cxlbox: its format is ${version}, and this cxlbox expects ${VERSION}`;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
}

export function samePartitions(one: Partitions, other: Partitions): boolean {
  return PARTITION_MODES.every((mode) => one[mode] === other[mode]);
}

/** `4GiB (ram 3GiB, pmem 1GiB)` */
export function describePartitions(partitions: Partitions): string {
  const modes = PARTITION_MODES.filter((mode) => partitions[mode] > 0);
  return `${exactSize(totalCapacity(partitions))} (${modes.map((mode) => `${mode} ${exactSize(partitions[mode])}`).join(', ')})`;
}
