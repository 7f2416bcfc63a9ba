/**
 * Dynamic capacity: what a fabric manager offers and takes back, and devices that claim an
 * allocation again. Without an occasion on machines whose devices have none.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import { DAX_DEVICES, type SysfsView } from '../sysfs-view.ts';
import { type Action, write } from './action.ts';

export const CAPACITY = '/sys/kernel/debug/cxlbox/capacity';

const MIB = 1024 * 1024;
const TAGS = [
  '11111111-2222-4333-8444-555555555555',
  'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
] as const;
/** Mostly whole memory blocks: what is smaller becomes no system memory. */
const LENGTHS: readonly [number, ...number[]] = [128, 256, 128, 512, 2, 64, 1024, 1];

function deviceOf(view: SysfsView, chooser: Chooser): string | undefined {
  const name = chooser.of(view.names(CAPACITY));
  return name === undefined ? undefined : `${CAPACITY}/${name}`;
}

function tagWord(chooser: Chooser): string {
  const tag = chooser.oneIn(3) ? chooser.of(TAGS) : undefined;
  return tag === undefined ? '' : ` tag=${tag}`;
}

function piece(chooser: Chooser): string {
  return `${chooser.below(20) * 128 * MIB} ${chooser.among(LENGTHS) * MIB}`;
}

function add(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  if (device === undefined) return [];
  const pieces = Array.from({ length: 1 + chooser.below(3) }, () => piece(chooser));
  return write(`${device}/add`, `${pieces.join(' ')}${tagWord(chooser)}`);
}

/** Mostly an extent that the host has. */
function release(view: SysfsView, chooser: Chooser): Operation[] {
  const device = deviceOf(view, chooser);
  if (device === undefined) return [];
  const lines = (view.read(`${device}/extents`) ?? '').split('\n').filter((line) => line !== '');
  const line = chooser.oneIn(8) ? undefined : chooser.of(lines);
  const [offset, length, tag] = line?.split(' ') ?? [];
  const force = chooser.oneIn(4) ? ' force' : '';
  if (offset === undefined || length === undefined)
    return write(`${device}/release`, `${piece(chooser)}${tagWord(chooser)}${force}`);
  const own = tag === undefined || chooser.oneIn(2) ? '' : ` tag=${tag}`;
  return write(`${device}/release`, `${offset} ${length}${own}${force}`);
}

/** What is free is claimed by a device that has nothing. */
function claim(view: SysfsView, chooser: Chooser): Operation[] {
  const devices = view
    .names(DAX_DEVICES)
    .filter((name) => view.exists(`${DAX_DEVICES}/${name}/uuid`));
  const empty = devices.filter((name) => view.number(`${DAX_DEVICES}/${name}/size`) === 0);
  const device = chooser.of(empty.length > 0 && !chooser.oneIn(6) ? empty : devices);
  if (device === undefined) return [];
  return write(`${DAX_DEVICES}/${device}/uuid`, chooser.among([...TAGS, '0', 'blue']));
}

export const CAPACITY_ACTIONS: readonly Action[] = [
  { name: 'add dynamic capacity', weight: 8, choose: add },
  { name: 'release dynamic capacity', weight: 5, choose: release },
  { name: 'claim dynamic capacity', weight: 3, choose: claim },
];
