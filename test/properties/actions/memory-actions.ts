/**
 * Memory blocks: states, policies, poisoned pages.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import { CXL_DEVICES, cxlDevices, MEMORY, type SysfsView } from '../sysfs-view.ts';
import { type Action, write } from './action.ts';

const BLOCK = /^memory\d+$/;
/** Boot memory ends below; blocks above came from CXL. */
const FIRST_CXL_ADDRESS = 0x1_9000_0000;

export function hotpluggedBlocks(view: SysfsView): string[] {
  const first =
    FIRST_CXL_ADDRESS / Number.parseInt(view.read(`${MEMORY}/block_size_bytes`) ?? '0', 16);
  return view.names(MEMORY, BLOCK).filter((name) => Number(name.slice('memory'.length)) >= first);
}

function blockOf(view: SysfsView, chooser: Chooser): string | undefined {
  const hotplugged = hotpluggedBlocks(view);
  const boot = hotplugged.length === 0 || chooser.oneIn(8);
  return chooser.of(boot ? view.names(MEMORY, BLOCK) : hotplugged);
}

const STATES: readonly [string, ...string[]] = [
  'online_movable',
  'offline',
  'online',
  'online_kernel',
  'offline',
];

function state(view: SysfsView, chooser: Chooser): Operation[] {
  const block = blockOf(view, chooser);
  return block === undefined ? [] : write(`${MEMORY}/${block}/state`, chooser.among(STATES));
}

function online(view: SysfsView, chooser: Chooser): Operation[] {
  const block = blockOf(view, chooser);
  return block === undefined
    ? []
    : write(`${MEMORY}/${block}/online`, chooser.among(['1', '0', 'x']));
}

/** What tools do: all blocks one after the other. */
function all(view: SysfsView, chooser: Chooser): Operation[] {
  const word = chooser.among(['offline', 'online_movable', 'offline', 'online']);
  return hotpluggedBlocks(view).flatMap((block) => write(`${MEMORY}/${block}/state`, word));
}

function autoOnline(_: SysfsView, chooser: Chooser): Operation[] {
  return write(
    `${MEMORY}/auto_online_blocks`,
    chooser.among(['offline', 'online_movable', 'online', 'online_kernel', 'junk']),
  );
}

const PARAMETERS = '/sys/module/memory_hotplug/parameters';
const POLICIES: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ['online_policy', ['contig-zones', 'auto-movable', 'other']],
  ['auto_movable_ratio', ['301', '0', '50', '-1']],
  ['auto_movable_numa_aware', ['Y', 'N', '?']],
];

function policy(_: SysfsView, chooser: Chooser): Operation[] {
  const entry = chooser.of(POLICIES);
  return entry === undefined ? [] : write(`${PARAMETERS}/${entry[0]}`, chooser.among(entry[1]));
}

function onlineType(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(cxlDevices(view, /^sysram_region/));
  if (device === undefined) return [];
  return write(
    `${CXL_DEVICES}/${device}/online_type`,
    chooser.among(['online_movable', 'offline', 'online']),
  );
}

function poison(view: SysfsView, chooser: Chooser): Operation[] {
  const block = chooser.of(hotpluggedBlocks(view));
  const size = Number.parseInt(view.read(`${MEMORY}/block_size_bytes`) ?? '0', 16);
  const address = Number(block?.slice('memory'.length) ?? 0) * size + chooser.below(16) * 0x100000;
  return write(
    `${MEMORY}/${chooser.among(['soft', 'hard'])}_offline_page`,
    `0x${address.toString(16)}`,
  );
}

export const MEMORY_ACTIONS: readonly Action[] = [
  { name: 'write the state of a memory block', weight: 12, choose: state },
  { name: 'write online of a memory block', weight: 3, choose: online },
  { name: 'all hotplugged memory blocks', weight: 3, choose: all },
  { name: 'auto_online_blocks', weight: 2, choose: autoOnline },
  { name: 'online policy', weight: 2, choose: policy },
  { name: 'online_type', weight: 2, choose: onlineType },
  { name: 'offline a page', weight: 1, choose: poison },
];
