/**
 * What faults say, compared with their declarations and with the machine.
 */
import { totalCapacity } from '../../cxl/objects/partition.ts';
import {
  type FaultDeclaration,
  type FaultValue,
  MAX_NUMBER,
  type NamedThing,
  wordMeant,
} from '../faults/declaration.ts';
import { FAULT_DECLARATIONS } from '../faults/kinds/index.ts';
import { suggestion } from './did-you-mean.ts';
import { type Finding, shortened } from './error.ts';
import { functions } from './pci-tree.ts';
import type { RawFault, RawMachine } from './schema.ts';
import type { DeviceDescription, MachineDescription } from './types.ts';
import { devicesOf } from './types.ts';

/** Where a name is asked for, this is meant as the address of a PCI function. */
const PCI_ADDRESS = /^[0-9a-f]+:[0-9a-f:.]*$/i;
/** A name that the kernel gives: the device may be one that is still to come. */
const KERNEL_NAME =
  /^(mem|port|endpoint|root|region|decoder|sysram_region|dax_region|pmem|nmem|ndbus|dax)\d[\d.]*$|^[^:]+:/;
const POISON_UNIT = 64;

interface Place {
  /** The device that the fault is about, if it is one. */
  readonly device: DeviceDescription | undefined;
  readonly machine: MachineDescription;
  readonly devices: ReadonlyMap<string, DeviceDescription>;
}

/** What is wrong with a name; undefined: nothing. */
type NameCheck = (name: string, place: Place) => string | undefined;

const deviceCheck: NameCheck = (name, { devices }) =>
  devices.has(name)
    ? undefined
    : `found '${shortened(name)}', which is not a device${suggestion(name, [...devices.keys()])}`;

/** Nothing is suggested for an address: all of them are alike. */
const portCheck: NameCheck = (name, { devices, machine }) => {
  const ends = machine.hostBridges.flatMap(({ rootPorts }) => [...functions(rootPorts)]);
  const addresses = ends.filter(({ what }) => what !== 'a switch').map(({ pci }) => pci);
  const legal = [...devices.keys(), ...addresses];
  if (legal.includes(name)) return undefined;
  return PCI_ADDRESS.test(name)
    ? `found '${name}', which is not the PCI address of a port or a device, expected one of ${legal.join(', ')}`
    : `found '${name}', which is not a device${suggestion(name, legal)}`;
};

const NAME_CHECKS: Readonly<Record<NamedThing, NameCheck>> = {
  device: deviceCheck,
  port: portCheck,
  any: (name, place) => (KERNEL_NAME.test(name) ? undefined : deviceCheck(name, place)),
};

/** By type of value: what is wrong with it. */
const CHECKS: {
  readonly [T in FaultValue['type']]: (
    found: string | number,
    value: Extract<FaultValue, { type: T }>,
    place: Place,
  ) => string | undefined;
} = {
  word: (found, value) =>
    wordMeant(value, `${found}`) === undefined
      ? `found '${found}', which is not a valid ${value.what}${suggestion(`${found}`, value.words)}`
      : undefined,
  number: (found, { least }) => {
    const number = Number(found);
    if (number >= least && number <= MAX_NUMBER) return undefined;
    return `found ${number}, expected ${number < least ? `${least} or more` : `${MAX_NUMBER} or less`}`;
  },
  time: (found) => {
    if (found === 0) return 'found 0, expected at least 1ms';
    return Number(found) > MAX_NUMBER
      ? `found ${found}ms, expected ${MAX_NUMBER}ms or less`
      : undefined;
  },
  address: (found, _, { device }) => {
    const dpa = Number(found);
    if (dpa % POISON_UNIT !== 0)
      return `found 0x${dpa.toString(16)}, expected a multiple of ${POISON_UNIT}`;
    if (device === undefined || dpa < totalCapacity(device.capacity)) return undefined;
    return `found 0x${dpa.toString(16)}, expected an address below the capacity of '${device.name}'`;
  },
  name: (found, { of }, place) => NAME_CHECKS[of](`${found}`, place),
};

function valueFinding<T extends FaultValue['type']>(
  found: string | number,
  value: Extract<FaultValue, { type: T }>,
  place: Place,
): string | undefined {
  return CHECKS[value.type as T](found, value, place);
}

function keyFindings(
  fault: RawFault,
  { key: kind, options }: FaultDeclaration,
  path: Finding['path'],
): Finding[] {
  const allowed = options.map(({ key }) => key);
  const strangers = Object.keys(fault).filter((key) => key !== kind && !allowed.includes(key));
  const missing = options.filter(({ key, required }) => required && !(key in fault));
  return [
    ...strangers.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `found ${key} beside ${kind}${allowed.length === 0 ? ', which takes nothing else' : `, expected ${allowed.join(', ')}`}`,
    })),
    ...missing.map(({ key }) => ({ path, message: `found ${kind} without ${key}` })),
  ];
}

function valueFindings(
  fault: RawFault,
  kind: FaultDeclaration,
  path: Finding['path'],
  place: Place,
): Finding[] {
  const values = new Map([
    [kind.key, kind.operand.value],
    ...kind.options.map(({ key, value }) => [key, value] as const),
  ]);
  return Object.entries(fault).flatMap(([key, found]): Finding[] => {
    const value = values.get(key);
    if (value === undefined || found === undefined) return [];
    const message = valueFinding(found, value, place);
    return message === undefined ? [] : [{ path: [...path, key], message }];
  });
}

export function faultFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const devices = new Map(devicesOf(machine).map((device) => [device.name, device]));
  return (raw.faults ?? []).flatMap((fault, index): Finding[] => {
    const path = ['faults', index];
    const [kind, ...more] = FAULT_DECLARATIONS.filter(({ key }) => fault[key] !== undefined);
    if (kind === undefined || more.length > 0) {
      const keys = [...(kind === undefined ? [] : [kind]), ...more].map(({ key }) => key);
      const found = kind === undefined ? 'no fault' : keys.join(' and ');
      const known = FAULT_DECLARATIONS.map(({ key }) => key).join(', ');
      return [{ path, message: `found ${found}, expected one of ${known}` }];
    }
    const findings = keyFindings(fault, kind, path);
    if (findings.length > 0) return findings;
    const device = devices.get(`${fault[kind.key]}`);
    return valueFindings(fault, kind, path, { device, machine, devices });
  });
}
