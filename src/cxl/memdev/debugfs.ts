/**
 * debugfs `cxl/memN/`, there while cxl_mem is bound (`cxl_mem_probe`, 7.2).
 */

import type { Device } from '../../driver-core/device.ts';
import { KernfsFile } from '../../kernfs/node.ts';
import { kstrtoull } from '../../kernfs/parse.ts';
import { renderDpa } from '../decoder/dpa.ts';
import type { Memdev } from '../objects/memdev.ts';
import { DEBUGFS_FILES } from '../sources.ts';
import { clearPoison, hasPoison, injectPoison } from './poison.ts';

export const CXL_DEBUGFS = 'kernel/debug/cxl';

/** The directory goes with the driver of `device`. */
export function addMemdevDebugfs(memdev: Memdev, device: Device): void {
  const parent = device.kernel.directory(CXL_DEBUGFS);
  const directory = parent.addDirectory(memdev.name);
  device.devres.add('debugfs', () => parent.remove(memdev.name));
  directory.add(
    new KernfsFile(
      'dpamem',
      0o444,
      { show: () => renderDpa(memdev), source: DEBUGFS_FILES },
      { binary: true, size: 0 },
    ),
  );
  if (!hasPoison(memdev)) return;
  const options = { size: 0, storesEmpty: true };
  directory.add(
    new KernfsFile(
      'inject_poison',
      0o200,
      { store: (text) => injectPoison(memdev, kstrtoull(text)), source: DEBUGFS_FILES },
      options,
    ),
  );
  directory.add(
    new KernfsFile(
      'clear_poison',
      0o200,
      { store: (text) => clearPoison(memdev, kstrtoull(text)), source: DEBUGFS_FILES },
      options,
    ),
  );
}
