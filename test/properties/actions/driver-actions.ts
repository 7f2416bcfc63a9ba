/**
 * Drivers and devices: bind, unbind, probe, PCI removal, modules, uevent files.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import { CXL_DEVICES, cxlDevices, type SysfsView } from '../sysfs-view.ts';
import { type Action, JUNK, write } from './action.ts';

const BUSES: readonly [string, ...string[]] = ['cxl', 'dax', 'cxl', 'dax', 'pci', 'platform', 'nd'];

function driversOf(view: SysfsView, bus: string): string[] {
  return view
    .names(`/sys/bus/${bus}/drivers`)
    .filter((name) => view.exists(`/sys/bus/${bus}/drivers/${name}/bind`));
}

function unbound(view: SysfsView, bus: string): string[] {
  const devices = view.names(`/sys/bus/${bus}/devices`);
  return devices.filter((name) => !view.exists(`/sys/bus/${bus}/devices/${name}/driver`));
}

/** Which drivers of the bus cxl are worth a try with a device of that name. */
const LIKELY: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^mem/, ['cxl_mem']],
  [/^(port|endpoint)/, ['cxl_port']],
  [/^region/, ['cxl_region', 'cxl_devdax_region', 'cxl_sysram_region']],
  [/^sysram/, ['cxl_dax_kmem_region']],
];

function bind(view: SysfsView, chooser: Chooser): Operation[] {
  const bus = chooser.among(BUSES);
  const device = chooser.of(
    chooser.oneIn(6) ? view.names(`/sys/bus/${bus}/devices`) : unbound(view, bus),
  );
  if (device === undefined) return [];
  const likely = LIKELY.find(([pattern]) => bus === 'cxl' && pattern.test(device))?.[1] ?? [];
  const drivers = driversOf(view, bus);
  const fitting = drivers.filter((name) => likely.includes(name));
  const driver = chooser.of(fitting.length > 0 && !chooser.oneIn(6) ? fitting : drivers);
  return driver === undefined ? [] : write(`/sys/bus/${bus}/drivers/${driver}/bind`, device);
}

function unbindOn(view: SysfsView, chooser: Chooser, bus: string, pattern: RegExp): Operation[] {
  const root = `/sys/bus/${bus}/devices`;
  const bound = view.names(root, pattern).filter((name) => view.exists(`${root}/${name}/driver`));
  const device = chooser.of(bound);
  if (device === undefined) return [];
  const own = view.linkName(`${root}/${device}/driver`);
  const driver = chooser.oneIn(10) ? chooser.of(driversOf(view, bus)) : own;
  return write(`/sys/bus/${bus}/drivers/${driver}/unbind`, device);
}

function unbindRegion(view: SysfsView, chooser: Chooser): Operation[] {
  return chooser.oneIn(2)
    ? unbindOn(view, chooser, 'dax', /./)
    : unbindOn(view, chooser, 'cxl', /^(sysram_)?region/);
}

function unbindTopology(view: SysfsView, chooser: Chooser): Operation[] {
  const bus = chooser.among(['cxl', 'cxl', 'pci', 'platform', 'nd']);
  return unbindOn(view, chooser, bus, /^(?!.*region)/);
}

function probe(view: SysfsView, chooser: Chooser): Operation[] {
  const bus = chooser.among(BUSES);
  const device = chooser.of(unbound(view, bus));
  return device === undefined ? [] : write(`/sys/bus/${bus}/drivers_probe`, device);
}

function autoprobe(_: SysfsView, chooser: Chooser): Operation[] {
  return write(
    `/sys/bus/${chooser.among(['cxl', 'dax', 'pci'])}/drivers_autoprobe`,
    chooser.among(['1', '0', '1']),
  );
}

function pciRemove(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(view.names('/sys/bus/pci/devices'));
  return device === undefined ? [] : write(`/sys/bus/pci/devices/${device}/remove`, '1');
}

function pciRescan(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.oneIn(3) ? chooser.of(view.names('/sys/bus/pci/devices')) : undefined;
  return write(
    device === undefined ? '/sys/bus/pci/rescan' : `/sys/bus/pci/devices/${device}/rescan`,
    '1',
  );
}

/** All that has to be bound for memory devices to be usable again. */
function recover(view: SysfsView): Operation[] {
  const steps: (readonly [string, RegExp])[] = [
    ['platform', /^ACPI0017/],
    ['pci', /./],
    ['cxl', /^port/],
    ['cxl', /^mem/],
  ];
  return [
    ...write('/sys/bus/pci/rescan', '1'),
    ...steps.flatMap(([bus, pattern]) =>
      unbound(view, bus)
        .filter((name) => pattern.test(name))
        .flatMap((name) => write(`/sys/bus/${bus}/drivers_probe`, name)),
    ),
  ];
}

const MODULES = [
  'kmem',
  'device_dax',
  'fsdev_dax',
  'dax_cxl',
  'cxl_pmem',
  'cxl_acpi',
  'cxl_port',
  'cxl_mem',
  'cxl_pci',
  'cxl_core',
  'nosuch',
] as const;

/** Does nothing on machines that have everything built in. */
function modules(_: SysfsView, chooser: Chooser): Operation[] {
  const module = chooser.among(MODULES);
  return [{ kind: chooser.among(['load', 'unload', 'load']), module }];
}

function synthetic(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(view.names(CXL_DEVICES));
  return write(
    `${CXL_DEVICES}/${device}/uevent`,
    chooser.among(['add', 'change', 'remove', 'nonsense']),
  );
}

/** Where a decoder is committed it is refused. */
function sanitize(view: SysfsView, chooser: Chooser): Operation[] {
  const device = chooser.of(cxlDevices(view, /^mem\d+$/));
  return device === undefined ? [] : write(`${CXL_DEVICES}/${device}/security/sanitize`, '1');
}

function passTime(_: SysfsView, chooser: Chooser): Operation[] {
  return [{ kind: 'advance', milliseconds: chooser.among([100, 1, 30, 0, 60_000]) }];
}

/** Junk, or something meant for another file, into any file that can be written. */
function junk(view: SysfsView, chooser: Chooser): Operation[] {
  let at = view.node('/sys');
  let path = '/sys';
  while (at?.kind === 'directory') {
    const here = at;
    const entries = [...here.names()].filter((name) => here.lookup(name)?.kind !== 'link');
    const name = chooser.of(entries);
    if (name === undefined) return [];
    path = `${path}/${name}`;
    at = here.lookup(name);
  }
  return write(path, chooser.among(JUNK));
}

export const DRIVER_ACTIONS: readonly Action[] = [
  { name: 'bind', weight: 10, choose: bind },
  { name: 'unbind a region, a sysram region or a dax device', weight: 7, choose: unbindRegion },
  { name: 'drivers_probe', weight: 4, choose: probe },
  { name: 'junk', weight: 4, choose: junk },
];

export const TOPOLOGY_ACTIONS: readonly Action[] = [
  { name: 'unbind part of the topology', weight: 3, choose: unbindTopology },
  { name: 'drivers_autoprobe', weight: 1, choose: autoprobe },
  { name: 'PCI remove', weight: 1, choose: pciRemove },
  { name: 'PCI rescan', weight: 2, choose: pciRescan },
  { name: 'bring the topology back', weight: 4, choose: recover },
  { name: 'modules', weight: 2, choose: modules },
  { name: 'synthetic uevent', weight: 1, choose: synthetic },
  { name: 'sanitize', weight: 2, choose: sanitize },
  { name: 'time passes', weight: 2, choose: passTime },
];
