/**
 * Transport to a machine in this process. The machine comes to rest before a write returns, as in a
 * box, and a write that takes time (docs/faults.md: slow-online) takes it here as well. What goes on
 * in the background waits for `advance()`.
 */
import { KernelError } from '../errno.ts';
import { fileAt, readWhole } from '../kernfs/access.ts';
import { PathCache } from '../kernfs/path-cache.ts';
import { resolve } from '../kernfs/resolve.ts';
import type { Machine } from '../platform/machine.ts';
import { writePath } from '../platform/user-write.ts';
import { type SysfsClient, SysfsError, sortByNumber } from './sysfs-client.ts';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Nothing of Node: this transport works wherever the model does. */
function timer(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, Math.min(milliseconds, LONGEST_TIMER)));
}

/** How a {@link MachineClient} waits. */
export interface MachineClientOptions {
  /**
   * Resolves when so many milliseconds have passed; default: a timer. Called only when a fault such
   * as `slow-online` makes a write take time. A test may note the time instead of waiting.
   */
  sleep?(milliseconds: number): Promise<void>;
}

/**
 * A {@link SysfsClient} of a machine in this process: no mount, no FUSE, no privileges. The machine
 * comes to rest before a write resolves, as in a box; why a write was refused is also a line of the
 * machine's log.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient } from 'cxlbox';
 *
 * const client = new MachineClient(boot(loadMachine('default')));
 * await client.write('/sys/bus/cxl/drivers/cxl_devdax_region/bind', 'region0\n');
 * console.log(await client.readlink('/sys/bus/dax/devices/dax0.0/driver')); // /device_dax$/
 * ```
 */
export class MachineClient implements SysfsClient {
  private readonly machine: Machine;
  private readonly sleep: (milliseconds: number) => Promise<void>;
  private readonly paths: PathCache;

  constructor(machine: Machine, options: MachineClientOptions = {}) {
    this.machine = machine;
    this.paths = new PathCache(machine.kernel.root);
    this.sleep = options.sleep ?? timer;
  }

  async read(path: string): Promise<string> {
    try {
      return readWhole(this.paths.fileAt(path));
    } catch (error) {
      throw describe(error, 'read', path);
    }
  }

  /**
   * A refusal is logged with its reason, as in a box. Resolves or rejects when the time that the
   * machine owes (`slow-online`) has passed.
   */
  async write(path: string, text: string): Promise<void> {
    try {
      this.attempt('write', path, () => writePath(this.machine.kernel, path, text));
    } finally {
      const milliseconds = this.machine.kernel.owed.take();
      if (milliseconds > 0) await this.sleep(milliseconds);
    }
  }

  async readlink(path: string): Promise<string> {
    return this.attempt('readlink', path, () => {
      const node = resolve(this.machine.kernel.root, path, false);
      if (node.kind !== 'link') throw new KernelError('EINVAL', 'not a link');
      return node.read();
    });
  }

  async list(path: string): Promise<string[]> {
    return this.attempt('list', path, () => {
      const node = resolve(this.machine.kernel.root, path);
      if (node.kind !== 'directory') throw new KernelError('ENOTDIR', 'not a directory');
      return sortByNumber([...node.names()]);
    });
  }

  watch(path: string, changed: () => void): () => void {
    return this.attempt('watch', path, () => fileAt(this.machine.kernel.root, path).watch(changed));
  }

  /**
   * So many milliseconds pass in the machine: background operations that are over by then end, and
   * watchers are called. Nothing else makes time pass, not even a write that takes time, and no
   * clock is asked: a test waits for nothing. In which steps time passes makes no difference.
   * RangeError: not a whole number of 0 or more.
   *
   * @example
   * ```ts
   * import { boot, loadMachine, MachineClient } from 'cxlbox';
   *
   * const client = new MachineClient(boot(loadMachine('default')));
   * const security = '/sys/bus/cxl/devices/mem0/security';
   * await client.write('/sys/bus/cxl/devices/region0/commit', '0\n');
   * await client.write(`${security}/sanitize`, '1\n');
   * console.log((await client.read(`${security}/state`)).trim()); // sanitize
   * client.advance(100);
   * console.log((await client.read(`${security}/state`)).trim()); // disabled
   * ```
   */
  advance(milliseconds: number): void {
    this.machine.kernel.work.advance(milliseconds);
  }

  private attempt<T>(operation: string, path: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw describe(error, operation, path);
    }
  }
}

function describe(error: unknown, operation: string, path: string): unknown {
  return error instanceof KernelError
    ? new SysfsError(error.errno, operation, path, error.reason)
    : error;
}
