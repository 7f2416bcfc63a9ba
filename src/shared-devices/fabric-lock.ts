/**
 * One fabric manager at a time decides about the capacity of a shared device. Not the lock of the
 * folder: hosts need that one to do what they are told.
 */
import { closeSync, constants } from 'node:fs';
import { ifThere } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';
import { FABRIC_LOCK } from './layout.ts';
import { withRoot } from './root.ts';

/** Seconds: a host may take a while to bring memory online. */
const PATIENCE = 60;

const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

export async function withFabricLock<T>(
  root: string,
  device: string,
  work: () => Promise<T>,
): Promise<T> {
  const path = `${root}/${device}`;
  const file = withRoot(root, (devices) =>
    ifThere(() => devices.within(device, (folder) => folder.openFile(FABRIC_LOCK, FLAGS))),
  );
  if (file === undefined)
    throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', `${path} was removed`);
  try {
    if (!lockFile(file, 'exclusive', PATIENCE)) {
      const why = `another fabric manager is at work in ${path}`;
      throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
    }
    return await work();
  } finally {
    closeSync(file);
  }
}
