/**
 * debugfs `cxl/memN/`, there while cxl_mem is bound (`cxl_mem_probe`, 7.2).
 */

import type { Device } from '../../driver-core/device.ts';
import { type AttributeGroup, createGroup } from '../../kernfs/attribute.ts';
import { kstrtoull } from '../../kernfs/parse.ts';
import { renderDpa } from '../decoder/dpa.ts';
import type { Memdev } from '../objects/memdev.ts';
import { DEBUGFS_FILES } from '../sources.ts';
import { clearPoison, hasPoison, injectPoison } from './poison.ts';

export const CXL_DEBUGFS = 'kernel/debug/cxl';

const WRITTEN = { size: 0, storesEmpty: true };

const FILES: AttributeGroup<Memdev> = {
  source: DEBUGFS_FILES,
  attributes: [
    {
      name: 'dpamem',
      mode: 0o444,
      show: renderDpa,
      options: { binary: true, size: 0 },
    },
    {
      name: 'inject_poison',
      mode: 0o200,
      store: (memdev, text) => injectPoison(memdev, kstrtoull(text)),
      options: WRITTEN,
    },
    {
      name: 'clear_poison',
      mode: 0o200,
      store: (memdev, text) => clearPoison(memdev, kstrtoull(text)),
      options: WRITTEN,
    },
  ],
  visible: (memdev, { name, mode }) => (name === 'dpamem' || hasPoison(memdev) ? mode : 0),
};

/** The directory goes with the driver of `device`. */
export function addMemdevDebugfs(memdev: Memdev, device: Device): void {
  const parent = device.kernel.directory(CXL_DEBUGFS);
  createGroup(parent.addDirectory(memdev.name), FILES, memdev);
  device.devres.add('debugfs', () => parent.remove(memdev.name));
}
