/**
 * The faults of a description, with devices by where they are plugged in.
 */
import type { RawFault, RawMachine } from './schema.ts';
import type { DeviceDescription, FaultDescription } from './types.ts';

/** Empty for what is none: the checks tell. */
function resolveFault(raw: RawFault, pciOf: (name: string) => string): FaultDescription[] {
  const { times, skip, errno } = raw;
  if (raw.poison !== undefined)
    return [{ kind: 'poison', pci: pciOf(raw.poison), dpa: raw.dpa ?? 0 }];
  if (raw.probe !== undefined) {
    const device = raw.device === undefined ? undefined : pciOf(raw.device);
    return [{ kind: 'probe', driver: raw.probe, device, errno: errno ?? '', times, skip }];
  }
  if (raw.hotplug !== undefined)
    return [{ kind: 'hotplug', step: raw.hotplug, errno, times, skip }];
  if (raw.slow_online !== undefined)
    return [{ kind: 'slow-online', milliseconds: raw.slow_online }];
  if (raw.removed !== undefined) return [{ kind: 'removal', pci: pciOf(raw.removed) }];
  if (raw.link_down !== undefined) return [{ kind: 'link-down', pci: pciOf(raw.link_down) }];
  return [];
}

export function resolveFaults(
  raw: RawMachine,
  devices: readonly DeviceDescription[],
): readonly FaultDescription[] {
  const addresses = new Map(devices.map(({ name, pci }) => [name, pci]));
  return (raw.faults ?? []).flatMap((fault) =>
    resolveFault(fault, (name) => addresses.get(name) ?? name),
  );
}
