/**
 * `modprobe` and `rmmod` over all subsystems of a machine.
 */
import type { CxlModules } from '../cxl/modules.ts';
import type { DaxSubsystem } from '../dax/boot.ts';
import type { ModuleControl } from './machine.ts';

const DAX_MODULES = ['device_dax', 'kmem', 'fsdev_dax'] as const;
type DaxModule = (typeof DAX_MODULES)[number];

function daxModule(name: string): DaxModule | undefined {
  return DAX_MODULES.find((each) => each === name);
}

export function moduleControl(dax: DaxSubsystem, cxl: CxlModules): ModuleControl {
  return {
    load: (name) => {
      const module = daxModule(name);
      if (module === undefined) cxl.load(name);
      else dax.loadModule(module);
    },
    unload: (name) => {
      const module = daxModule(name);
      if (module === undefined) cxl.unload(name);
      else dax.unloadModule(module);
    },
  };
}
