/**
 * `/sys/kernel/debug/cxlbox/workload`: what only an emulator can do, as a debugfs file (docs/memory-model.md).
 */
import type { Kernel } from '../../driver-core/kernel.ts';
import type { Attribute } from '../../kernfs/attribute.ts';
import { createFile } from '../../kernfs/attribute.ts';
import { rangeList } from '../../kernfs/format.ts';
import { KernfsDirectory, KernfsFile } from '../../kernfs/node.ts';
import { deviceName } from '../../kernfs/parse.ts';
import { blocksOfOwner } from '../page-allocator/owned-blocks.ts';
import type { Workload } from './workload.ts';
import { parseSize, parseWorkload } from './workload-text.ts';
import type { Workloads } from './workloads.ts';

export const CXLBOX_DEBUGFS = 'kernel/debug/cxlbox';

/** One line a zone: where the pages are. */
export function renderPlacement(workload: Workload): string {
  return workload
    .shares()
    .map(({ zone, pages }) => {
      const blocks = rangeList(blocksOfOwner(zone.pages, workload.owner));
      return `node=${zone.nid} zone=${zone.name} pages=${pages} blocks=${blocks}\n`;
    })
    .join('');
}

const UNLIMITED = { binary: true, size: 0 } as const;

const ATTRIBUTES: readonly Attribute<Workload>[] = [
  {
    name: 'size',
    mode: 0o644,
    show: (workload) => `${workload.size}\n`,
    store: (workload, text) => workload.resize(parseSize(text)),
  },
  { name: 'kind', mode: 0o444, show: ({ kind }) => `${kind}\n` },
  { name: 'policy', mode: 0o444, show: ({ policy }) => `${policy}\n` },
  { name: 'nodes', mode: 0o444, show: ({ nodes }) => `${rangeList(nodes)}\n` },
  { name: 'placement', mode: 0o444, show: renderPlacement, options: UNLIMITED },
];

/** The directory of each workload is made when a program looks at it, so that the library and the files never differ. */
function addDirectories(directory: KernfsDirectory, workloads: Workloads): void {
  directory.addSource({
    lookup: (name) => {
      const workload = workloads.get(name);
      if (workload === undefined) return undefined;
      const made = new KernfsDirectory(name);
      for (const attribute of ATTRIBUTES) createFile(made, attribute, workload);
      return made;
    },
    names: () => workloads.list().map(({ name }) => name),
  });
}

/** Errors of `create`: EINVAL, EEXIST, ENOMEM; of `delete`: ENOENT; of `size`: EINVAL, ENOMEM. */
export function createWorkloadFiles(kernel: Kernel, workloads: Workloads): void {
  const directory = kernel.directory(`${CXLBOX_DEBUGFS}/workload`);
  addDirectories(directory, workloads);
  const create = (text: string): void => {
    workloads.create(parseWorkload(text));
  };
  directory.add(new KernfsFile('create', 0o200, { store: create }));
  directory.add(
    new KernfsFile('delete', 0o200, { store: (text) => workloads.delete(deviceName(text)) }),
  );
  workloads.onDelete((name) => directory.dropSourced(name));
}
