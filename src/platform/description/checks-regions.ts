/**
 * Comparisons between parts of a description: what a region asks for and what its window and devices have.
 */
import { suggestion } from './did-you-mean.ts';
import type { DocumentPath, Finding } from './error.ts';
import { CXL_CAPACITY_MULTIPLE } from './resolve-cxl.ts';
import type { RawMachine } from './schema.ts';
import type {
  DeviceDescription,
  MachineDescription,
  RegionDescription,
  WindowDescription,
} from './types.ts';
import { devicesBelow } from './types.ts';
import { formatSize } from './units.ts';

/** What a window has to allow. */
const CAPABILITY = { ram: 'volatile', pmem: 'persistent', dynamic_ram_a: 'volatile' } as const;

/** Capacity that earlier regions left of each device, by type, and of each window. */
class Remaining {
  private readonly left = new Map<string, number>();

  /** Takes `size`; what was there if it does not suffice. */
  take(key: string, total: number, size: number): number | undefined {
    const left = this.left.get(key) ?? total;
    this.left.set(key, left - size);
    return size > left ? Math.max(left, 0) : undefined;
  }
}

/** What regions are compared with: every device with the `_UID` of its host bridge, by name. */
type Devices = ReadonlyMap<string, { readonly device: DeviceDescription; readonly bridge: number }>;

function devicesByName(machine: MachineDescription): Devices {
  return new Map(
    machine.hostBridges.flatMap(({ rootPorts, uid }) =>
      [...devicesBelow(rootPorts)].map((device) => [device.name, { device, bridge: uid }] as const),
    ),
  );
}

function targetFindings(
  known: Devices,
  region: RegionDescription,
  window: WindowDescription,
  path: DocumentPath,
): Finding[] {
  return region.devices.flatMap((name, index): Finding[] => {
    const at = [...path, 'devices', index];
    const found = known.get(name);
    if (found === undefined)
      return [
        {
          path: at,
          message: `found '${name}', which is no device${suggestion(name, [...known.keys()])}`,
        },
      ];
    if (!window.targets.includes(found.bridge))
      return [
        {
          path: at,
          message: `found '${name}', expected a device below a target of window ${region.window}`,
        },
      ];
    return [];
  });
}

function sizeFindings(
  region: RegionDescription,
  devices: readonly DeviceDescription[],
  remaining: Remaining,
  path: DocumentPath,
): Finding[] {
  const multiple = CXL_CAPACITY_MULTIPLE * region.devices.length;
  const at = [...path, 'size'];
  if (region.size === 0 || region.size % multiple !== 0) {
    return [
      {
        path: at,
        message: `found ${formatSize(region.size)}, expected a multiple of ${formatSize(multiple)}`,
      },
    ];
  }
  const share = region.size / region.devices.length;
  return devices.flatMap((device) => {
    const left = remaining.take(
      `${device.name} ${region.type}`,
      device.capacity[region.type],
      share,
    );
    if (left === undefined) return [];
    return [
      {
        path: at,
        message: `found ${formatSize(share)} of device '${device.name}', expected at most the ${formatSize(left)} of ${region.type} it has left`,
      },
    ];
  });
}

function dynamicFindings(region: RegionDescription, path: DocumentPath): Finding[] {
  if (region.type !== 'dynamic_ram_a') return [];
  const findings: Finding[] = [];
  if (region.devices.length > 1)
    findings.push({
      path: [...path, 'devices'],
      message: `found ${region.devices.length} devices, expected one: dynamic capacity cannot be interleaved`,
    });
  if (region.firmware)
    findings.push({
      path: [...path, 'firmware'],
      message: 'found true, expected false for dynamic capacity',
    });
  return findings;
}

export function regionFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const remaining = new Remaining();
  const devices = devicesByName(machine);
  return machine.regions.flatMap((region, index): Finding[] => {
    const path = ['regions', index];
    const window = machine.windows[region.window];
    if (window === undefined) {
      return [
        {
          path: [...path, 'window'],
          message: `found ${region.window}, expected a window from 0 to ${machine.windows.length - 1}`,
        },
      ];
    }
    if (region.devices.length === 0)
      return [{ path: [...path, 'devices'], message: 'found no device, expected at least one' }];
    const ways = raw.regions?.[index]?.ways ?? region.devices.length;
    const findings = targetFindings(devices, region, window, path);
    if (findings.length > 0) return findings;
    if (ways !== region.devices.length) {
      findings.push({
        path: [...path, 'ways'],
        message: `found ${ways}, expected ${region.devices.length}, the number of devices`,
      });
    }
    findings.push(...dynamicFindings(region, path));
    if (!window.restrictions.has(CAPABILITY[region.type])) {
      findings.push({
        path: [...path, 'type'],
        message: `found ${region.type}, expected a type that window ${region.window} allows`,
      });
    }
    const used = region.devices.flatMap((name) => devices.get(name)?.device ?? []);
    findings.push(...sizeFindings(region, used, remaining, path));
    const left = remaining.take(`window ${region.window}`, window.size, region.size);
    if (left !== undefined) {
      findings.push({
        path: [...path, 'size'],
        message: `found ${formatSize(region.size)}, expected at most the ${formatSize(left)} left in window ${region.window}`,
      });
    }
    return findings;
  });
}
