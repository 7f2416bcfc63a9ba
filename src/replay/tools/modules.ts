/**
 * `modprobe` and `rmmod`.
 */
import { KernelError } from '../../errno.ts';
import type { ModuleControl } from '../../platform/machine.ts';
import type { Tool } from './tool.ts';

function moduleTool(action: (modules: ModuleControl, name: string) => void): Tool {
  return ({ machine }, [name = '']) => {
    const { modules } = machine;
    if (modules === undefined) return undefined;
    try {
      action(modules, name);
      machine.kernel.work.settle();
      return { status: 0, stdout: '' };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      machine.kernel.work.settle();
      return { status: 1, stdout: '' };
    }
  };
}

export const modprobe = moduleTool((modules, name) => modules.load(name));
export const rmmod = moduleTool((modules, name) => modules.unload(name));
