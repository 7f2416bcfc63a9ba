/**
 * Faults: injected, cleared, and poison.
 */
import { HOTPLUG_STEP_NAMES } from '../../../src/mm/hotplug/steps.ts';
import { DRIVER_NAMES } from '../../../src/platform/faults/driver-names.ts';
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import { cxlDevices, type SysfsView } from '../sysfs-view.ts';
import { type Action, write } from './action.ts';

export const FAULT = '/sys/kernel/debug/cxlbox/fault';
const POISON = '/sys/kernel/debug/cxl';

/** Of three faults one strikes until it is cleared. */
function times(chooser: Chooser): string {
  return chooser.among([' times=1', ' times=3', '']);
}

function probe(_: SysfsView, chooser: Chooser): Operation[] {
  const errno = chooser.among(['EIO', 'ENOMEM', 'ENODEV', 'EPROBE_DEFER']);
  return write(
    `${FAULT}/inject`,
    `probe ${chooser.of(DRIVER_NAMES)} errno=${errno}${times(chooser)}`,
  );
}

function hotplug(_: SysfsView, chooser: Chooser): Operation[] {
  const step = chooser.of(HOTPLUG_STEP_NAMES);
  const errno = chooser.among(['ENOMEM', 'EBUSY', 'EINVAL']);
  return write(
    `${FAULT}/inject`,
    `hotplug step=${step} errno=${errno}${times(chooser)} skip=${chooser.below(4)}`,
  );
}

function commit(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(cxlDevices(view, /^(?:mem\d+|port\d+|decoder\d+\.\d+)$/));
  const errno = chooser.among(['EIO', 'ETIMEDOUT']);
  return write(`${FAULT}/inject`, `commit ${device ?? ''} errno=${errno}${times(chooser)}`);
}

function lose(view: SysfsView, chooser: Chooser): Operation[] {
  const kind = chooser.among(['removal', 'link-down']);
  const named = chooser.oneIn(2)
    ? view.names('/sys/bus/pci/devices')
    : cxlDevices(view, /^mem\d+$/);
  const device = chooser.of(named);
  return device === undefined ? [] : write(`${FAULT}/inject`, `${kind} ${device}`);
}

function clear(view: SysfsView, chooser: Chooser): Operation[] {
  const lines = (view.read(`${FAULT}/list`) ?? '').split('\n').filter((line) => line !== '');
  const number = chooser.of(lines.map((line) => line.split(' ')[0] ?? ''));
  return number === undefined ? [] : write(`${FAULT}/clear`, chooser.oneIn(4) ? 'all' : number);
}

/** What is poisoned is online system memory, or a dax device, or neither. */
function poison(view: SysfsView, chooser: Chooser): Operation[] {
  const holders = view
    .names(POISON)
    .filter((name) => view.node(`${POISON}/${name}/inject_poison`) !== undefined);
  const holder = chooser.of(holders);
  if (holder === undefined) return [];
  const file = chooser.oneIn(4) ? 'clear_poison' : 'inject_poison';
  return write(`${POISON}/${holder}/${file}`, `0x${(chooser.below(64) * 0x40_0040).toString(16)}`);
}

function slow(): Operation[] {
  return write(`${FAULT}/inject`, 'slow-online milliseconds=3');
}

function sanitizing(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(cxlDevices(view, /^mem\d+$/));
  const fault = chooser.oneIn(2)
    ? `sanitize ${device ?? ''} errno=${chooser.among(['ENXIO', 'ETIMEDOUT'])}`
    : `slow-sanitize milliseconds=${1 + chooser.below(200)}`;
  return write(`${FAULT}/inject`, `${fault}${times(chooser)}`);
}

export const FAULT_ACTIONS: readonly Action[] = [
  { name: 'a probe fails', weight: 4, choose: probe },
  { name: 'a hotplug step fails', weight: 5, choose: hotplug },
  { name: 'programming a decoder fails', weight: 2, choose: commit },
  { name: 'slow onlining', weight: 1, choose: slow },
  { name: 'sanitizing fails or is slow', weight: 1, choose: sanitizing },
  { name: 'a device or a link is lost', weight: 4, choose: lose },
  { name: 'poison', weight: 4, choose: poison },
  { name: 'clear a fault', weight: 8, choose: clear },
];
