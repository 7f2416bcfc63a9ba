/**
 * Regions: the next sensible step towards a bound region, and single writes to any attribute of
 * one.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import type { SysfsView } from '../sysfs-view.ts';
import {
  CXL_DEVICES,
  cxlDevices,
  endpointDecoders,
  parentOf,
  REGION,
  rootDecoders,
} from '../sysfs-view.ts';
import { type Action, write } from './action.ts';

const GRAIN = 0x1000_0000;
const DYNAMIC = 'create_dynamic_ram_a_region';
const NO_UUID = '00000000-0000-0000-0000-000000000000';

function attribute(device: string, name: string): string {
  return `${CXL_DEVICES}/${device}/${name}`;
}

function create(view: SysfsView, chooser: Chooser): Operation[] {
  const root = chooser.of(rootDecoders(view));
  if (root === undefined) return [];
  const persistent = cxlDevices(view, /^mem/).some(
    (name) => view.number(attribute(name, 'pmem/size')) > 0,
  );
  const kinds =
    persistent || chooser.oneIn(12)
      ? ['create_ram_region', 'create_pmem_region', DYNAMIC]
      : ['create_ram_region', DYNAMIC];
  const files = kinds.filter((name) => view.exists(attribute(root, name)));
  const file = chooser.of(files);
  if (file === undefined) return [];
  return write(attribute(root, file), view.read(attribute(root, file)) ?? '');
}

/** What a region still lacks before targets can be attached. */
function configure(view: SysfsView, region: string, chooser: Chooser): Operation[] | undefined {
  const root = parentOf(view, region);
  const rootWays = view.number(attribute(root, 'interleave_ways'));
  const ways = view.number(attribute(region, 'interleave_ways'));
  if (ways === 0) {
    const devices = cxlDevices(view, /^endpoint/).length;
    const fitting = [1, 2, 4, 8].filter((times) => rootWays * times <= devices);
    const times = chooser.oneIn(12) ? 4 : (chooser.of(fitting) ?? 1);
    return write(attribute(region, 'interleave_ways'), `${rootWays * times}`);
  }
  if (view.read(attribute(region, 'interleave_granularity')) === '0') {
    const own = view.read(attribute(root, 'interleave_granularity')) ?? '256';
    const granularity = rootWays > 1 ? own : `${chooser.among([256, 256, 4096, 1024, 256, 16384])}`;
    return write(attribute(region, 'interleave_granularity'), granularity);
  }
  if (view.read(attribute(region, 'uuid')) === NO_UUID)
    return write(
      attribute(region, 'uuid'),
      `12345678-0000-4000-8000-${String(chooser.below(100)).padStart(12, '0')}\n`,
    );
  if (view.number(attribute(region, 'size')) === 0)
    return write(attribute(region, 'size'), `${ways * GRAIN * chooser.among([1, 2, 1, 4, 3])}`);
  return undefined;
}

/**
 * Decoders of an endpoint get device addresses in the order of their ids, and only of partitions
 * that are there.
 */
function isNext(view: SysfsView, decoder: string, mode: string): boolean {
  const endpoint = parentOf(view, decoder);
  const own = endpointDecoders(view).filter((each) => parentOf(view, each) === endpoint);
  const next = own.find((each) => view.number(attribute(each, 'dpa_size')) === 0);
  return next === decoder && view.number(attribute(endpoint, `uport/${mode}/size`)) > 0;
}

/** Prepares a decoder, or attaches one that fits. */
function attach(view: SysfsView, region: string, chooser: Chooser): Operation[] | undefined {
  const ways = view.number(attribute(region, 'interleave_ways'));
  const mode = view.read(attribute(region, 'mode')) ?? '';
  const share = view.number(attribute(region, 'size')) / ways;
  const positions = Array.from({ length: ways }, (_, position) => `target${position}`);
  const position = positions.find((each) => view.read(attribute(region, each)) === '');
  if (position === undefined) return undefined;
  const free = endpointDecoders(view).filter(
    (decoder) => view.read(attribute(decoder, 'region')) === '',
  );
  const ready = free.filter(
    (decoder) =>
      view.number(attribute(decoder, 'dpa_size')) === share &&
      view.read(attribute(decoder, 'mode')) === mode,
  );
  if (ready.length > 0 && !chooser.oneIn(8))
    return write(attribute(region, position), chooser.of(ready) ?? '');
  const decoder = chooser.of(free.filter((each) => isNext(view, each, mode)));
  if (decoder === undefined) return write(attribute(region, position), chooser.of(free) ?? '\n');
  if (view.read(attribute(decoder, 'mode')) !== mode)
    return write(attribute(decoder, 'mode'), mode);
  return write(attribute(decoder, 'dpa_size'), `${share}`);
}

const REGION_DRIVERS = ['cxl_region', 'cxl_devdax_region', 'cxl_sysram_region'];

/** Binds a committed region, then goes on with the sysram region that a driver made. */
function use(view: SysfsView, region: string, chooser: Chooser): Operation[] {
  if (view.read(attribute(region, 'commit')) === '0')
    return write(attribute(region, 'commit'), '1');
  const drivers = REGION_DRIVERS.filter((name) => view.exists(`/sys/bus/cxl/drivers/${name}`));
  if (!view.exists(attribute(region, 'driver')))
    return write(`/sys/bus/cxl/drivers/${chooser.of(drivers)}/bind`, region);
  const [sysram] = view.names(`${CXL_DEVICES}/${region}`, /^sysram_region\d+$/);
  if (sysram === undefined) return [];
  if (view.read(attribute(sysram, 'online_type')) === 'invalid')
    return write(
      attribute(sysram, 'online_type'),
      chooser.among(['online_movable', 'offline', 'online', 'online_kernel']),
    );
  if (view.exists(attribute(sysram, 'driver'))) return [];
  return write('/sys/bus/cxl/drivers/cxl_dax_kmem_region/bind', sysram);
}

function advance(view: SysfsView, chooser: Chooser): Operation[] {
  const region = chooser.of(cxlDevices(view, REGION));
  if (region === undefined || chooser.oneIn(25)) return create(view, chooser);
  return (
    configure(view, region, chooser) ?? attach(view, region, chooser) ?? use(view, region, chooser)
  );
}

type Values = (view: SysfsView, region: string, chooser: Chooser) => string;

const ATTRIBUTES: readonly (readonly [string, Values])[] = [
  ['interleave_ways', (_, __, chooser) => chooser.among(['1', '2', '4', '3', '8', '5', '16', '0'])],
  [
    'interleave_granularity',
    (_, __, chooser) => chooser.among(['256', '4096', '300', '32768', '0']),
  ],
  ['size', (_, __, chooser) => `${GRAIN * chooser.below(10)}`],
  ['size', () => '0'],
  [
    'uuid',
    (_, __, chooser) => `12345678-0000-4000-8000-${String(chooser.below(100)).padStart(12, '0')}\n`,
  ],
  ['commit', (_, __, chooser) => chooser.among(['0', '1', 'y', 'off'])],
  ['target0', (view, _, chooser) => chooser.of(endpointDecoders(view)) ?? '\n'],
  ['target1', (view, _, chooser) => chooser.of(endpointDecoders(view)) ?? '\n'],
  ['target0', () => '\n'],
  ['target1', () => '\n'],
  ['target0', (view, _, chooser) => chooser.of(view.names(CXL_DEVICES)) ?? ''],
];

function set(view: SysfsView, chooser: Chooser): Operation[] {
  const region = chooser.of(cxlDevices(view, REGION));
  const entry = chooser.of(ATTRIBUTES);
  if (region === undefined || entry === undefined) return [];
  return write(attribute(region, entry[0]), entry[1](view, region, chooser));
}

function remove(view: SysfsView, chooser: Chooser): Operation[] {
  const region = chooser.of(cxlDevices(view, REGION));
  if (region === undefined) return [];
  const root = chooser.oneIn(8) ? (chooser.of(rootDecoders(view)) ?? '') : parentOf(view, region);
  return write(attribute(root, 'delete_region'), region);
}

function setDecoder(view: SysfsView, chooser: Chooser): Operation[] {
  const decoder = chooser.of(endpointDecoders(view));
  if (decoder === undefined) return [];
  if (chooser.oneIn(3))
    return write(
      attribute(decoder, 'mode'),
      chooser.among(['ram', 'pmem', 'none', 'dynamic_ram_a']),
    );
  return write(attribute(decoder, 'dpa_size'), `${GRAIN * chooser.among([0, 1, 2, 0, 4, 8])}`);
}

/** What commands fall back to that find no occasion. */
export const ADVANCE = 'advance a region';

export const REGION_ACTIONS: readonly Action[] = [
  { name: ADVANCE, weight: 30, choose: advance },
  { name: 'create a region', weight: 2, choose: create },
  { name: 'write an attribute of a region', weight: 5, choose: set },
  { name: 'delete a region', weight: 2, choose: remove },
  { name: 'write an attribute of an endpoint decoder', weight: 4, choose: setDecoder },
];
