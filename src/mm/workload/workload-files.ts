/**
 * The files of workloads in debugfs: what only an emulator can do (docs/memory-model.md).
 */
import { addBoxFile, boxFileNode } from '../../cxlbox-abi/box-file.ts';
import {
  type Placement,
  WORKLOAD_CREATE,
  WORKLOAD_DELETE,
  WORKLOAD_KIND,
  WORKLOAD_NODES,
  WORKLOAD_PLACEMENT,
  WORKLOAD_POLICY,
  WORKLOAD_SIZE,
} from '../../cxlbox-abi/workload.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import { KernfsDirectory } from '../../kernfs/node.ts';
import { blocksOfOwner } from '../page-allocator/owned-blocks.ts';
import type { Workload } from './workload.ts';
import type { Workloads } from './workloads.ts';

function placementOf(workload: Workload): Placement[] {
  return workload.shares().map(({ zone, pages }) => ({
    node: zone.nid,
    zone: zone.name,
    pages,
    blocks: blocksOfOwner(zone.pages, workload.owner),
  }));
}

function directoryOf(workload: Workload): KernfsDirectory {
  const made = new KernfsDirectory(workload.name);
  made.add(
    boxFileNode(WORKLOAD_SIZE, {
      show: () => workload.size,
      store: (size) => workload.resize(size),
    }),
  );
  made.add(boxFileNode(WORKLOAD_KIND, { show: () => workload.kind }));
  made.add(boxFileNode(WORKLOAD_POLICY, { show: () => workload.policy }));
  made.add(boxFileNode(WORKLOAD_NODES, { show: () => workload.nodes }));
  made.add(boxFileNode(WORKLOAD_PLACEMENT, { show: () => placementOf(workload) }));
  return made;
}

/**
 * The directory of each workload is made when a program looks at it, so that the library and the
 * files never differ.
 */
function addDirectories(directory: KernfsDirectory, workloads: Workloads): void {
  directory.addSource({
    lookup: (name) => {
      const workload = workloads.get(name);
      return workload && directoryOf(workload);
    },
    names: () => workloads.list().map(({ name }) => name),
  });
}

/** Errors of `create`: EINVAL, EEXIST, ENOMEM; of `delete`: ENOENT; of `size`: EINVAL, ENOMEM. */
export function createWorkloadFiles({ root }: Kernel, workloads: Workloads): void {
  const create = addBoxFile(root, WORKLOAD_CREATE, {
    store: (request) => void workloads.create(request),
  });
  addBoxFile(root, WORKLOAD_DELETE, { store: (name) => workloads.delete(name) });
  const directory = create.parent;
  if (directory === undefined) return;
  addDirectories(directory, workloads);
  workloads.onDelete((name) => directory.dropSourced(name));
}
