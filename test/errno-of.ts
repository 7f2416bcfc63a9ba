import { KernelError } from '../src/errno.ts';
import { SysfsError } from '../src/sysfs-client/sysfs-client.ts';

/** The errno with which the kernel refuses, or `ok`. */
export function errnoOf(action: () => unknown): string {
  try {
    action();
    return 'ok';
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}

/** The errno with which a client of a tree is refused, or `ok`. */
export async function clientErrnoOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'ok';
  } catch (error) {
    if (error instanceof SysfsError) return error.errno;
    throw error;
  }
}
