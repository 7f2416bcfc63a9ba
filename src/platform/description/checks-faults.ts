/**
 * What faults say, compared with each other and with the machine.
 */
import { totalCapacity } from '../../cxl/partition.ts';
import { ERRNO } from '../../errno.ts';
import { DRIVER_NAMES } from '../faults/driver-names.ts';
import { MAX_NUMBER, PROBE_ERRNOS } from '../faults/fault-line.ts';
import { hotplugStep, STEP_WORDS } from '../faults/hotplug-step.ts';
import { suggestion } from './did-you-mean.ts';
import { type Finding, shortened } from './error.ts';
import { functions } from './pci-tree.ts';
import type { RawFault, RawMachine } from './schema.ts';
import type { DeviceDescription, MachineDescription } from './types.ts';
import { devicesOf } from './types.ts';

type Key = keyof RawFault;

/** What says which fault it is, with the keys that may go with it; those that must are marked. */
const KINDS: Readonly<Partial<Record<Key, readonly (Key | `${Key}!`)[]>>> = {
  poison: ['dpa!'],
  probe: ['errno!', 'device', 'times', 'skip'],
  hotplug: ['errno', 'times', 'skip'],
  slow_online: [],
  removed: [],
  link_down: [],
};
const KIND_KEYS = Object.keys(KINDS) as Key[];

/** Where a name is asked for, this is meant as the address of a PCI function. */
const PCI_ADDRESS = /^[0-9a-f]+:[0-9a-f:.]*$/i;
/** A name that the kernel gives: the device may be one that is still to come. */
const KERNEL_NAME =
  /^(mem|port|endpoint|root|region|sysram_region|dax_region|pmem|nmem|ndbus|dax)\d[\d.]*$|^[^:]+:/;
const POISON_UNIT = 64;

interface Place {
  readonly fault: RawFault;
  readonly machine: MachineDescription;
  readonly devices: ReadonlyMap<string, DeviceDescription>;
}

/** What is wrong with the value of a key; undefined: nothing. */
type Check = (place: Place) => string | undefined;

function unknownDevice({ devices }: Place, name: string): string {
  return `found '${shortened(name)}', which is no device${suggestion(name, [...devices.keys()])}`;
}

/** Nothing is suggested for an address: all of them are alike. */
function noLink({ devices }: Place, name: string, addresses: readonly string[]): string {
  const legal = [...devices.keys(), ...addresses];
  return PCI_ADDRESS.test(name)
    ? `found '${name}', which is no PCI address of a port or a device, expected one of ${legal.join(', ')}`
    : `found '${name}', which is no device${suggestion(name, legal)}`;
}

function limitCheck(key: 'times' | 'skip', least: number): Check {
  return ({ fault }) => {
    const value = fault[key];
    if (value === undefined || (value >= least && value <= MAX_NUMBER)) return undefined;
    return `found ${value}, expected ${value < least ? `${least} or more` : `${MAX_NUMBER} or less`}`;
  };
}

function wordCheck(key: Key, what: string, words: readonly string[]): Check {
  return ({ fault }) => {
    const value = fault[key];
    if (value === undefined || words.includes(String(value))) return undefined;
    return `found '${value}', which is no ${what}${suggestion(String(value), words)}`;
  };
}

function deviceCheck(key: 'poison' | 'removed'): Check {
  return (place) => {
    const name = place.fault[key];
    return name === undefined || place.devices.has(name) ? undefined : unknownDevice(place, name);
  };
}

const CHECKS: Readonly<Partial<Record<Key, Check>>> = {
  poison: deviceCheck('poison'),
  removed: deviceCheck('removed'),
  link_down: (place) => {
    const name = place.fault.link_down ?? '';
    const ends = place.machine.hostBridges.flatMap(({ rootPorts }) => [...functions(rootPorts)]);
    const addresses = ends.filter(({ what }) => what !== 'a switch').map(({ pci }) => pci);
    if (place.devices.has(name) || addresses.includes(name)) return undefined;
    return noLink(place, name, addresses);
  },
  device: (place) => {
    const name = place.fault.device ?? '';
    return place.devices.has(name) || KERNEL_NAME.test(name)
      ? undefined
      : unknownDevice(place, name);
  },
  dpa: ({ fault: { poison, dpa = 0 }, devices }) => {
    const device = devices.get(poison ?? '');
    if (dpa % POISON_UNIT !== 0)
      return `found 0x${dpa.toString(16)}, expected a multiple of ${POISON_UNIT}`;
    if (device === undefined || dpa < totalCapacity(device.capacity)) return undefined;
    return `found 0x${dpa.toString(16)}, expected an address below the capacity of '${device.name}'`;
  },
  probe: wordCheck('probe', 'driver', DRIVER_NAMES),
  hotplug: ({ fault: { hotplug = '' } }) =>
    hotplugStep(hotplug) === undefined
      ? `found '${hotplug}', which is no step that can fail${suggestion(hotplug, STEP_WORDS)}`
      : undefined,
  errno: (place) =>
    wordCheck(
      'errno',
      'errno',
      place.fault.probe === undefined ? Object.keys(ERRNO) : PROBE_ERRNOS,
    )(place),
  times: limitCheck('times', 1),
  skip: limitCheck('skip', 0),
  slow_online: ({ fault: { slow_online = 1 } }) => {
    if (slow_online === 0) return 'found 0, expected at least 1ms';
    return slow_online > MAX_NUMBER
      ? `found ${slow_online}ms, expected ${MAX_NUMBER}ms or less`
      : undefined;
  },
};

function keyFindings(fault: RawFault, kind: Key, path: Finding['path']): Finding[] {
  const rules = KINDS[kind] ?? [];
  const allowed = rules.map((rule) => rule.replace('!', ''));
  const strangers = Object.keys(fault).filter((key) => key !== kind && !allowed.includes(key));
  const missing = rules.filter((rule) => rule.endsWith('!') && !(rule.slice(0, -1) in fault));
  return [
    ...strangers.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `found ${key} beside ${kind}${allowed.length === 0 ? ', which takes nothing else' : `, expected ${allowed.join(', ')}`}`,
    })),
    ...missing.map((rule) => ({ path, message: `found ${kind} without ${rule.slice(0, -1)}` })),
  ];
}

export function faultFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const devices = new Map(devicesOf(machine).map((device) => [device.name, device]));
  return (raw.faults ?? []).flatMap((fault, index): Finding[] => {
    const path = ['faults', index];
    const [kind, ...more] = KIND_KEYS.filter((key) => fault[key] !== undefined);
    if (kind === undefined || more.length > 0) {
      const found = kind === undefined ? 'no fault' : [kind, ...more].join(' and ');
      return [{ path, message: `found ${found}, expected one of ${KIND_KEYS.join(', ')}` }];
    }
    const findings = keyFindings(fault, kind, path);
    if (findings.length > 0) return findings;
    return (Object.keys(fault) as Key[]).flatMap((key) => {
      const message = CHECKS[key]?.({ fault, machine, devices });
      return message === undefined ? [] : [{ path: [...path, key], message }];
    });
  });
}
