/**
 * DAX devices: create, delete, resize, align, place, bind by name.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import { CXL_DEVICES, cxlDevices, DAX_DEVICES, type SysfsView } from '../sysfs-view.ts';
import { type Action, write } from './action.ts';

const MIB = 1024 * 1024;
const ALIGNMENTS: readonly [string, ...string[]] = [
  '2097152',
  '4096',
  '1073741824',
  '3',
  '0x200000',
];

function regionOf(view: SysfsView, chooser: Chooser): string | undefined {
  const regions = cxlDevices(view, /^dax_region\d+$/).filter((name) =>
    view.exists(`${CXL_DEVICES}/${name}/dax_region`),
  );
  const region = chooser.of(regions);
  return region === undefined ? undefined : `${CXL_DEVICES}/${region}`;
}

/** Mostly one without a driver, since the others refuse. */
function deviceOf(view: SysfsView, chooser: Chooser): string | undefined {
  const devices = view.names(DAX_DEVICES);
  const idle = devices.filter((name) => !view.exists(`${DAX_DEVICES}/${name}/driver`));
  return chooser.of(idle.length > 0 && !chooser.oneIn(6) ? idle : devices);
}

function create(view: SysfsView, chooser: Chooser): Operation[] {
  const region = regionOf(view, chooser);
  return region === undefined
    ? []
    : write(`${region}/dax_region/create`, chooser.oneIn(8) ? '2' : '1');
}

function remove(view: SysfsView, chooser: Chooser): Operation[] {
  const region = regionOf(view, chooser);
  const device = deviceOf(view, chooser);
  return region === undefined ? [] : write(`${region}/dax_region/delete`, device ?? 'dax9.9');
}

function resize(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  if (device === undefined) return [];
  const path = `${DAX_DEVICES}/${device}/size`;
  const size = view.number(path);
  const step = chooser.among([128, 2, 64, 256, 384, 1024]) * MIB;
  const sizes = [
    Math.max(0, size - step),
    0,
    size + step,
    Math.floor(size / 2),
    size + 1,
    step,
    size,
  ];
  return write(path, `${chooser.of(sizes)}`);
}

function align(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  return device === undefined
    ? []
    : write(`${DAX_DEVICES}/${device}/align`, chooser.among(ALIGNMENTS));
}

/** A range somewhere in the region of the device, or a little outside. */
function place(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  if (device === undefined) return [];
  const start = view.number(`${DAX_DEVICES}/${device}/resource`);
  const offset = chooser.among([0, 128, 256, 2, 512, 1, -256, 1024]) * MIB;
  const length = chooser.among([128, 2, 256, 1, 0, 1024]) * MIB;
  const from = start + offset;
  return write(
    `${DAX_DEVICES}/${device}/mapping`,
    `${from.toString(16)}-${(from + length - 1).toString(16)}`,
  );
}

function memmap(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  if (device === undefined) return [];
  return write(`${DAX_DEVICES}/${device}/memmap_on_memory`, chooser.among(['0', '1']));
}

const DRIVERS: readonly [string, ...string[]] = ['device_dax', 'kmem', 'fsdev_dax'];

function identify(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser) ?? 'dax0.0';
  const file = chooser.among(['new_id', 'remove_id', 'new_id']);
  return write(
    `/sys/bus/dax/drivers/${chooser.among(DRIVERS)}/${file}`,
    chooser.oneIn(8) ? 'dax0.7' : device,
  );
}

function bind(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  return device === undefined
    ? []
    : write(`/sys/bus/dax/drivers/${chooser.among(DRIVERS)}/bind`, device);
}

function unbind(view: SysfsView, chooser: Chooser): Operation[] {
  const devices = view
    .names(DAX_DEVICES)
    .filter((name) => view.exists(`${DAX_DEVICES}/${name}/driver`));
  const device = chooser.of(devices);
  if (device === undefined) return [];
  return write(
    `/sys/bus/dax/drivers/${view.linkName(`${DAX_DEVICES}/${device}/driver`)}/unbind`,
    device,
  );
}

export const DAX_ACTIONS: readonly Action[] = [
  { name: 'create a dax device', weight: 4, choose: create },
  { name: 'delete a dax device', weight: 3, choose: remove },
  { name: 'resize a dax device', weight: 8, choose: resize },
  { name: 'align a dax device', weight: 2, choose: align },
  { name: 'place a dax device', weight: 5, choose: place },
  { name: 'memmap_on_memory', weight: 1, choose: memmap },
  { name: 'new_id, remove_id', weight: 4, choose: identify },
  { name: 'bind a dax device', weight: 5, choose: bind },
  { name: 'unbind a dax device', weight: 5, choose: unbind },
];
