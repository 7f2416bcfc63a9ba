/**
 * Transport to a machine in this process. The machine comes to rest before a write returns, as in a box.
 */
import { KernelError } from '../errno.ts';
import { fileAt, readFile, writeFile } from '../kernfs/access.ts';
import { resolve } from '../kernfs/resolve.ts';
import type { Machine } from '../platform/machine.ts';
import { type SysfsClient, SysfsError, sortByNumber } from './sysfs-client.ts';

export class MachineClient implements SysfsClient {
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  async read(path: string): Promise<string> {
    return this.attempt('read', path, () => readFile(this.machine.kernel.root, path));
  }

  async write(path: string, text: string): Promise<void> {
    this.attempt('write', path, () => {
      try {
        writeFile(this.machine.kernel.root, path, text);
      } finally {
        this.machine.kernel.work.settle();
      }
    });
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

  private attempt<T>(operation: string, path: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof KernelError) throw new SysfsError(error.errno, operation, path, error.reason);
      throw error;
    }
  }
}
