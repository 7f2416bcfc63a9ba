/**
 * The files of /proc that memory management shows.
 */
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import type { Source } from '../../kernfs/source.ts';
import type { MemmapAccounting } from '../hotplug/memmap.ts';
import type { ResourceTree } from '../resource.ts';
import { renderBuddyinfo, renderPagetypeinfo } from './buddyinfo.ts';
import type { MeminfoSources } from './meminfo.ts';
import { renderMeminfo } from './meminfo.ts';
import { renderVmstat } from './vmstat.ts';
import { renderZoneinfo } from './zoneinfo.ts';

const IOMEM: Source = { document: 'filesystems/proc.rst', code: 'kernel/resource.c' };
const STATISTICS: Source = { document: 'filesystems/proc.rst', code: 'fs/proc/, mm/vmstat.c' };

export interface ProcSources extends MeminfoSources {
  readonly iomem: ResourceTree;
  readonly memmap: MemmapAccounting;
}

export function createProcFiles(kernel: Kernel, sources: ProcSources): void {
  const { nodes, iomem, memmap } = sources;
  const files: readonly (readonly [string, number, () => string, Source?])[] = [
    ['iomem', 0o444, () => iomem.render(), IOMEM],
    ['zoneinfo', 0o444, () => renderZoneinfo(nodes)],
    ['buddyinfo', 0o444, () => renderBuddyinfo(nodes)],
    ['pagetypeinfo', 0o400, () => renderPagetypeinfo(nodes)],
    ['meminfo', 0o444, () => renderMeminfo(sources)],
    ['vmstat', 0o444, () => renderVmstat(nodes, memmap)],
  ];
  for (const [name, mode, show, source = STATISTICS] of files)
    kernel.proc.add(new KernfsFile(name, mode, { show, source }, { binary: true, size: 0 }));
}
