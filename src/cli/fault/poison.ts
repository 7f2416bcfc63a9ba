/**
 * Poison of this machine: the kernel's own files, which a real host has as well.
 */
import { type MediaPlace, POISON } from '../../cxlbox-abi/poison.ts';
import { hex } from '../../kernfs/format.ts';
import { errnoWords } from '../../sysfs-client/errno-words.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { NO_BOX, NotInBoxError, readBoxFile, refusalReason } from '../common/box-files.ts';
import { FaultError } from './errors.ts';
import { resolvePlace } from './place.ts';

const CXL_DEBUGFS = '/sys/kernel/debug/cxl';

type PoisonFile = 'inject_poison' | 'clear_poison';

const FAILED: Readonly<Record<PoisonFile, string>> = {
  inject_poison: 'the place was not poisoned',
  clear_poison: 'the poison was not cleared',
};

const NO_FILE =
  'give a memory device of /sys/bus/cxl/devices that is bound to a driver; on a real host, be root and mount debugfs';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: NO_FILE,
  EBUSY: 'the device cannot record more poison: clear some first',
  EINVAL: 'give an address below the capacity of the device',
  ENOENT: NO_FILE,
  ENOTDIR: NO_FILE,
  EPERM: NO_FILE,
};

/**
 * What the log of a box says of it; elsewhere, and of a file that was never opened, only the errno
 * tells.
 */
async function reasonOf(client: SysfsClient, { errno, path }: SysfsError): Promise<string> {
  const words = `${path}: ${errnoWords(errno)}`;
  // The log may hold the refusal of a device that has had the name before.
  if (NO_BOX.has(errno)) return words;
  try {
    return (await refusalReason(client, path, errno)) ?? words;
  } catch (error) {
    if (error instanceof NotInBoxError) return words;
    throw error;
  }
}

async function withReason<T>(
  client: SysfsClient,
  file: PoisonFile,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SysfsError)) throw error;
    const remedy = REMEDIES[error.errno] ?? 'see the kernel log: dmesg, in a box cxlbox dmesg';
    throw new FaultError(FAILED[file], await reasonOf(client, error), error.errno, remedy);
  }
}

/** Throws FaultError: there is no such device, or it refuses. */
export function writePoison(
  client: SysfsClient,
  file: PoisonFile,
  place: MediaPlace,
): Promise<void> {
  return withReason(client, file, () =>
    client.write(`${CXL_DEBUGFS}/${place.memdev}/${file}`, `${hex(place.dpa)}\n`),
  );
}

/**
 * Poisons, or clears, the 64 bytes at what people call a place. Throws AddressError: it is none;
 * FaultError.
 */
export async function writePoisonAt(
  client: SysfsClient,
  file: PoisonFile,
  text: string,
): Promise<MediaPlace> {
  const place = await withReason(client, file, () => resolvePlace(client, text));
  await writePoison(client, file, place);
  return place;
}

/** The poison that this box records; none outside of a box. */
export async function readPoison(client: SysfsClient): Promise<readonly MediaPlace[]> {
  try {
    return await readBoxFile(client, POISON);
  } catch (error) {
    if (error instanceof SysfsError && error.errno === 'ENOENT') return [];
    throw error;
  }
}

/** For programs. */
export function poisonObject({ memdev, dpa }: MediaPlace): Readonly<Record<string, string>> {
  return { fault: 'poison', memdev, dpa: hex(dpa) };
}
