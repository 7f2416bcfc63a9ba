/**
 * What can go wrong with a shared device, under the codes that a box reports it by.
 */

export type SharedDeviceErrorCode =
  /** User: flock(1) of util-linux is missing or another one. */
  | 'CXLBOX_NO_FLOCK'
  /** User: the folder of shared devices, or one in it, cannot be used. */
  | 'CXLBOX_SHARED_FOLDER'
  /** User: the device is another one to the hosts that have it. */
  | 'CXLBOX_SHARED_MISMATCH'
  /** User: a host of that name has the device already. */
  | 'CXLBOX_SHARED_HOST_TAKEN';

export class SharedDeviceError extends Error {
  readonly code: SharedDeviceErrorCode;

  constructor(code: SharedDeviceErrorCode, message: string) {
    super(message);
    this.name = 'SharedDeviceError';
    this.code = code;
  }
}

/** The errno of a failed system call; undefined for all else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** What `work` gives; a system call that fails in it becomes CXLBOX_SHARED_FOLDER. */
export function inFolder<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) === undefined || !(error instanceof Error)) throw error;
    throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', error.message);
  }
}
