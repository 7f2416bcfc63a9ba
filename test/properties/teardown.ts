/**
 * Giving everything back, as a careful administrator does: memory offline, drivers unbound, regions
 * deleted, device addresses freed.
 */
import { hotpluggedBlocks } from './actions/memory-actions.ts';
import type { TreeDump } from './invariants/tree.ts';
import type { MachineRun } from './machine-run.ts';
import {
  CXL_DEVICES,
  cxlDevices,
  endpointDecoders,
  MEMORY,
  parentOf,
  REGION,
} from './sysfs-view.ts';

/** False if a block refuses, since what it holds fits nowhere else. */
export function offlineAll(run: MachineRun): boolean {
  const online = hotpluggedBlocks(run.view).filter(
    (block) => run.view.read(`${MEMORY}/${block}/online`) === '1',
  );
  return online
    .map((block) => run.write(`${MEMORY}/${block}/state`, 'offline'))
    .every((outcome) => outcome === 'ok');
}

export function unbind(run: MachineRun, bus: string, device: string): string {
  const driver = run.view.linkName(`/sys/bus/${bus}/devices/${device}/driver`);
  return driver === undefined
    ? 'unbound'
    : run.write(`/sys/bus/${bus}/drivers/${driver}/unbind`, device);
}

/** False if memory had to stay online. */
export function giveBack(run: MachineRun): boolean {
  const { view } = run;
  if (!offlineAll(run)) return false;
  for (const region of cxlDevices(view, REGION)) {
    unbind(run, 'cxl', region);
    run.write(`${CXL_DEVICES}/${parentOf(view, region)}/delete_region`, region);
  }
  for (const decoder of endpointDecoders(view).reverse())
    run.write(`${CXL_DEVICES}/${decoder}/dpa_size`, '0');
  return true;
}

/** What the user may set of memory, and is not undone by giving memory back. */
const SETTINGS = [
  `${MEMORY}/auto_online_blocks`,
  ...['online_policy', 'auto_movable_ratio', 'auto_movable_numa_aware'].map(
    (name) => `/sys/module/memory_hotplug/parameters/${name}`,
  ),
];

/** Policies, and blocks of boot memory, as they are on `idle`. */
export function restoreSettings(run: MachineRun, idle: MachineRun): void {
  for (const path of SETTINGS) run.write(path, idle.view.read(path) ?? '');
  for (const block of idle.view.names(MEMORY, /^memory\d+$/)) {
    const zones = `${MEMORY}/${block}/valid_zones`;
    if (run.view.read(zones) === idle.view.read(zones)) continue;
    run.write(`${MEMORY}/${block}/state`, 'offline');
    run.write(`${MEMORY}/${block}/state`, 'online_kernel');
  }
}

/** True if kmem had to leave memory behind: until the next boot, as on Linux. */
export function leftMemoryBehind(run: MachineRun): boolean {
  const mapped = run.view.read('/proc/iomem') ?? '';
  return / : (dax\d+\.\d+|System RAM \(kmem\))$/m.test(mapped);
}

/** Figures of an idle system, and counters that only grow. */
const FIGURES =
  /^\/(proc\/(?!iomem)|sys\/kernel\/uevent_seqnum$|sys\/devices\/system\/node\/node\d+\/(meminfo|vmstat|numastat)$)/;

/** The dump without figures, and without what `ignored` says is left behind on Linux as well. */
export function comparable(dump: TreeDump, ignored: readonly RegExp[]): TreeDump {
  return new Map(
    [...dump].filter(
      ([path]) => !FIGURES.test(path) && !ignored.some((pattern) => pattern.test(path)),
    ),
  );
}
