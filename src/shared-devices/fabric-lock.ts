/**
 * One fabric manager at a time decides about the capacity of a shared device. Not the lock of the folder: hosts need that
 * one to do what they are told.
 */
import { closeSync, openSync } from 'node:fs';
import { SharedDeviceError } from './errors.ts';
import { lockFile } from './flock.ts';

/** Seconds: a host may take a while to bring memory online. */
const PATIENCE = 60;

export async function withFabricLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = openSync(`${folder}/fabric`, 'a', 0o600);
  try {
    if (!lockFile(file, 'exclusive', PATIENCE))
      throw new SharedDeviceError(
        'CXLBOX_SHARED_FOLDER',
        `another fabric manager is at work in ${folder}`,
      );
    return await work();
  } finally {
    closeSync(file);
  }
}
