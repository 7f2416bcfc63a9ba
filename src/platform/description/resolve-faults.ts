/**
 * The faults of a description as `inject` would be told, with devices by where they are plugged in.
 */
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import type { FaultValue } from '../faults/declaration.ts';
import { FAULT_DECLARATIONS } from '../faults/kinds/index.ts';
import { requestOf } from '../faults/parameters.ts';
import type { RawFault, RawMachine } from './schema.ts';
import type { DeviceDescription } from './types.ts';

/** Empty for an invalid value, which the checks report. */
function resolveFault(raw: RawFault, pciOf: (name: string) => string): FaultRequest[] {
  const kind = FAULT_DECLARATIONS.find(({ key }) => raw[key] !== undefined);
  if (kind === undefined) return [];
  const textOf = (key: string, { type }: FaultValue): string | undefined => {
    const found = raw[key];
    if (found === undefined) return undefined;
    return type === 'name' ? pciOf(`${found}`) : `${found}`;
  };
  const options = new Map<string, string>();
  for (const { key, value } of kind.options) {
    const text = textOf(key, value);
    if (text !== undefined) options.set(key, text);
  }
  const operand = textOf(kind.key, kind.operand.value);
  return [requestOf(kind, { operand, options })];
}

export function resolveFaults(
  raw: RawMachine,
  devices: readonly DeviceDescription[],
): readonly FaultRequest[] {
  const addresses = new Map(devices.map(({ name, pci }) => [name, pci]));
  return (raw.faults ?? []).flatMap((fault) =>
    resolveFault(fault, (name) => addresses.get(name) ?? name),
  );
}
