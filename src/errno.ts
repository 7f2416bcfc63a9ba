/**
 * Linux errno names and numbers (x86-64, `include/uapi/asm-generic/errno*.h`), and the error that
 * carries one.
 */
/**
 * The errnos that the model gives, with their numbers on x86-64 Linux.
 *
 * @example
 * ```ts
 * import { ERRNO } from 'cxlbox';
 *
 * console.log(ERRNO.EBUSY); // 16
 * ```
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  EHWPOISON: 133,
} as const;

/** The name of one of them, such as `EBUSY`. */
export type Errno = keyof typeof ERRNO;

/**
 * A refusal by the model. Only the errno crosses the FUSE boundary; `reason` says why in plain
 * words and goes to the machine's kernel log. A user of the library meets it from {@link boot}
 * alone: clients turn it into {@link SysfsError}.
 *
 * @example
 * ```ts
 * import { boot, KernelError, loadMachine } from 'cxlbox';
 *
 * const machine = loadMachine('default');
 * const gone = { kind: 'removal', operands: ['0000:99:00.0'], options: new Map() };
 * try {
 *   boot({ ...machine, faults: [gone] });
 * } catch (error) {
 *   if (!(error instanceof KernelError)) throw error;
 *   console.log(error.errno); // ENODEV
 * }
 * ```
 */
export class KernelError extends Error {
  readonly errno: Errno;
  readonly reason: string;

  constructor(errno: Errno, reason: string) {
    super(`${errno}: ${reason}`);
    this.name = 'KernelError';
    this.errno = errno;
    this.reason = reason;
  }
}

/**
 * True for a KernelError of any copy of this module: a machine that was made by another module than
 * this package's (`bootModule`) brings its own.
 */
export function isKernelError(error: unknown): error is KernelError {
  return error instanceof Error && error.name === 'KernelError' && 'errno' in error;
}

/**
 * The errno of a failed system call of this program, as Node's errors name it; undefined for all
 * other errors.
 */
export function systemCallErrno(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The deferral that a driver's probe asks for (EPROBE_DEFER, never seen by user space: `bind` turns
 * it into EAGAIN).
 */
export class ProbeDeferral extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ProbeDeferral';
  }
}
