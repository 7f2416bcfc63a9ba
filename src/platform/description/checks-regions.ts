/**
 * Comparisons between parts of a description: what a region asks for and what its window and
 * devices have.
 */
import {
  CAPACITY_MULTIPLE,
  canInterleave,
  INTERLEAVE_GRANULARITIES,
  INTERLEAVE_WAYS,
  isPowerOfTwo,
} from '../../cxl/address/interleave.ts';
import { PARTITION_MODES } from '../../cxl/objects/partition.ts';
import { exactSize } from '../../units.ts';
import { duplicates } from './checks-memory.ts';
import { regionDriverProblem } from './checks-region-driver.ts';
import { suggestion } from './did-you-mean.ts';
import { type DocumentPath, type Finding, shortened } from './error.ts';
import {
  componentsOf,
  type Routes,
  routesOf,
  routingProblem,
  TakenDecoders,
} from './region-routing.ts';
import type { RawMachine } from './schema.ts';
import type {
  DeviceDescription,
  MachineDescription,
  RegionDescription,
  WindowDescription,
} from './types.ts';
import { devicesBelow } from './types.ts';

/** What a window has to allow. */
const CAPABILITY = { ram: 'volatile', pmem: 'persistent', dynamic_ram_a: 'volatile' } as const;

/** What earlier regions left of each device and of each window. */
class Remaining {
  private readonly left = new Map<string, number>();

  /** Takes `size`. If less is left, returns how much there was. */
  take(key: string, total: number, size: number): number | undefined {
    const left = this.left.get(key) ?? total;
    this.left.set(key, left - size);
    return size > left ? Math.max(left, 0) : undefined;
  }

  /**
   * Space of a device is taken from low to high addresses: what lies below an allocation is lost to
   * later ones.
   */
  skipBelow(device: DeviceDescription, region: RegionDescription): void {
    for (const mode of PARTITION_MODES.slice(0, PARTITION_MODES.indexOf(region.type)))
      this.left.set(`${device.name} ${mode}`, 0);
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

/** What all checks of one region look at. */
interface Place {
  readonly region: RegionDescription;
  readonly window: WindowDescription;
  readonly path: DocumentPath;
}

function targetFindings(known: Devices, { region, window, path }: Place): Finding[] {
  const findings = region.devices.flatMap((name, index): Finding[] => {
    const at = [...path, 'devices', index];
    const found = known.get(name);
    if (found === undefined) {
      const message = (): string =>
        `found '${shortened(name)}', which is not a device${suggestion(name, [...known.keys()])}`;
      return [{ path: at, message }];
    }
    if (!window.targets.includes(found.bridge)) {
      const message = `found '${name}', expected a device below a target of window ${region.window}`;
      return [{ path: at, message }];
    }
    const bridge = window.targets[index % window.targets.length];
    if (region.firmware || bridge === found.bridge) return [];
    const message = `found '${name}' below host bridge ${found.bridge}, expected a device below host bridge ${bridge}, to which window ${region.window} routes position ${index}`;
    return [{ path: at, message }];
  });
  if (region.firmware) return findings;
  const twice = duplicates(
    region.devices.map((name, index) => ({
      value: name,
      path: [...path, 'devices', index],
      what: 'an earlier position',
    })),
  );
  return [...findings, ...twice];
}

function interleaveFindings({ region, window, path }: Place): Finding[] {
  const { granularity } = region;
  const ways = region.devices.length;
  const findings: Finding[] = [];
  const report = (key: string, message: string): void => {
    findings.push({ path: [...path, key], message });
  };
  if (!INTERLEAVE_WAYS.includes(ways))
    report('devices', `found ${ways} devices, expected ${INTERLEAVE_WAYS.join(', ')}`);
  if (!INTERLEAVE_GRANULARITIES.includes(granularity))
    report(
      'granularity',
      `found ${granularity}, expected one of ${INTERLEAVE_GRANULARITIES.join(', ')}`,
    );
  if (region.firmware || findings.length > 0) return findings;
  if (ways % window.ways !== 0 || !isPowerOfTwo(ways / window.ways))
    report(
      'devices',
      `found ${ways} devices, expected ${window.ways}, the ways of window ${region.window}, times a power of two`,
    );
  else if (window.ways > 1 && granularity !== window.granularity)
    report(
      'granularity',
      `found ${granularity}, expected ${window.granularity}, as window ${region.window} has it`,
    );
  else if (!canInterleave(ways, granularity))
    report(
      'granularity',
      `found ${granularity}, with which a device cannot interleave ${ways} ways, expected a smaller one`,
    );
  return findings;
}

/** The devices that have nothing of the region's type, if some have none. */
function capacityFindings(
  devices: readonly DeviceDescription[],
  { region, path }: Place,
): Finding[] {
  return devices.flatMap(({ name, capacity }, index) => {
    if (capacity[region.type] > 0) return [];
    const has = PARTITION_MODES.filter((mode) => capacity[mode] > 0);
    const message = `found '${name}', which has no ${region.type}, expected a device with ${region.type}, or type: ${has[0] ?? 'ram'}, which this one has`;
    return [{ path: [...path, 'devices', index], message }];
  });
}

function sizeFindings(
  devices: readonly DeviceDescription[],
  remaining: Remaining,
  { region, window, path }: Place,
): Finding[] {
  const multiple = CAPACITY_MULTIPLE * region.devices.length;
  const at = [...path, 'size'];
  if (region.size === 0 || region.size % multiple !== 0) {
    const message = `found ${exactSize(region.size)}, expected a multiple of ${exactSize(multiple)}`;
    return [{ path: at, message }];
  }
  const share = region.size / region.devices.length;
  const findings = devices.flatMap((device): Finding[] => {
    const total = device.capacity[region.type];
    const left = remaining.take(`${device.name} ${region.type}`, total, share);
    remaining.skipBelow(device, region);
    const used = remaining.take(`${device.name} decoders`, device.decoders, 1);
    if (used !== undefined) {
      const message = `found '${device.name}', whose ${device.decoders} decoders are taken by earlier regions, expected a device with one left: give it more decoders`;
      return [{ path: [...path, 'devices', region.devices.indexOf(device.name)], message }];
    }
    if (left === undefined) return [];
    const message = `found ${exactSize(share)} of device '${device.name}', expected at most the ${exactSize(left)} of ${region.type} it has left`;
    return [{ path: at, message }];
  });
  const left = remaining.take(`window ${region.window}`, window.size, region.size);
  if (left === undefined) return findings;
  const message = `found ${exactSize(region.size)}, expected at most the ${exactSize(left)} left in window ${region.window}`;
  return [...findings, { path: at, message }];
}

function dynamicFindings({ region, path }: Place): Finding[] {
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

/** Compares regions in the order in which the boot makes them: those of firmware first. */
class RegionChecks {
  private readonly remaining = new Remaining();
  private readonly taken = new TakenDecoders();
  /** By window: where its next region goes. */
  private readonly next = new Map<number, number>();
  private readonly raw: RawMachine;
  private readonly machine: MachineDescription;
  private readonly devices: Devices;
  private readonly routes: Routes;

  constructor(raw: RawMachine, machine: MachineDescription) {
    this.raw = raw;
    this.machine = machine;
    this.devices = devicesByName(machine);
    this.routes = routesOf(machine);
  }

  findings(region: RegionDescription, index: number): Finding[] {
    const path = ['regions', index];
    const { windows, boot, faults } = this.machine;
    const window = windows[region.window];
    if (window === undefined) {
      const expected =
        windows.length === 0
          ? 'a machine with a window'
          : `a window from 0 to ${windows.length - 1}`;
      return [
        { path: [...path, 'window'], message: `found ${region.window}, expected ${expected}` },
      ];
    }
    if (region.devices.length === 0)
      return [{ path: [...path, 'devices'], message: 'found no device, expected at least one' }];
    const place = { region, window, path };
    const targets = targetFindings(this.devices, place);
    if (targets.length > 0) return targets;
    const findings = [...dynamicFindings(place), ...interleaveFindings(place)];
    const ways = this.raw.regions?.[index]?.ways ?? region.devices.length;
    if (ways !== region.devices.length) {
      const message = `found ${ways}, expected ${region.devices.length}, the number of devices`;
      findings.push({ path: [...path, 'ways'], message });
    }
    if (!window.restrictions.has(CAPABILITY[region.type])) {
      const message = `found ${region.type}, expected a type that window ${region.window} allows`;
      findings.push({ path: [...path, 'type'], message });
    }
    const driver = regionDriverProblem(region, this.machine.abi);
    if (driver !== undefined) findings.push({ path: [...path, 'driver'], message: driver });
    if (boot.hypervisor && !region.firmware && faults.length === 0) {
      const message =
        'found a region on a machine with boot.hypervisor, which cannot commit it, expected none, or firmware: true';
      findings.push({ path, message });
    }
    const used = region.devices.flatMap((name) => this.devices.get(name)?.device ?? []);
    const none = capacityFindings(used, place);
    findings.push(...(none.length > 0 ? none : sizeFindings(used, this.remaining, place)));
    if (findings.length === 0) findings.push(...this.routing(place));
    return findings;
  }

  private routing({ region, window, path }: Place): Finding[] {
    const start = this.next.get(region.window) ?? window.start;
    this.next.set(region.window, start + region.size);
    const components = componentsOf(region, this.routes).keys();
    const decoders = this.taken.take(region, start, components);
    // What firmware programmed is there, right or wrong: the kernel says in its log what it cannot
    // use.
    const problem = region.firmware
      ? undefined
      : (routingProblem(region, window, this.routes) ?? decoders);
    return problem === undefined
      ? []
      : [{ path: [...path, 'devices'], message: `found ${problem}` }];
  }
}

export function regionFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const checks = new RegionChecks(raw, machine);
  const entries = [...machine.regions.entries()];
  const inOrder = [
    ...entries.filter(([, { firmware }]) => firmware),
    ...entries.filter(([, { firmware }]) => !firmware),
  ];
  return inOrder.flatMap(([index, region]) => checks.findings(region, index));
}
