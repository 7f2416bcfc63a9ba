import { KernelError } from '../src/errno.ts';

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
