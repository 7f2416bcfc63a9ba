/**
 * The files of /proc that memory management shows.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { KernfsFile } from '../kernfs/node.ts';
import type { MemmapAccounting } from './memmap.ts';
import { renderBuddyinfo, renderPagetypeinfo } from './proc-buddyinfo.ts';
import type { MeminfoSources } from './proc-meminfo.ts';
import { renderMeminfo } from './proc-meminfo.ts';
import { renderVmstat } from './proc-vmstat.ts';
import { renderZoneinfo } from './proc-zoneinfo.ts';
import type { ResourceTree } from './resource.ts';

export interface ProcSources extends MeminfoSources {
  readonly iomem: ResourceTree;
  readonly memmap: MemmapAccounting;
}

export function createProcFiles(kernel: Kernel, sources: ProcSources): void {
  const { nodes, iomem, memmap } = sources;
  const files: readonly (readonly [string, number, () => string])[] = [
    ['iomem', 0o444, () => iomem.render()],
    ['zoneinfo', 0o444, () => renderZoneinfo(nodes)],
    ['buddyinfo', 0o444, () => renderBuddyinfo(nodes)],
    ['pagetypeinfo', 0o400, () => renderPagetypeinfo(nodes)],
    ['meminfo', 0o444, () => renderMeminfo(sources)],
    ['vmstat', 0o444, () => renderVmstat(nodes, memmap)],
  ];
  for (const [name, mode, show] of files)
    kernel.proc.add(new KernfsFile(name, mode, { show }, { binary: true, size: 0 }));
}
