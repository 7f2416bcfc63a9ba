/**
 * What firmware programmed before the kernel came: committed decoders at every component on the way
 * to the members of a region.
 */

import { routingWays } from '../address/interleave.ts';
import type {
  CxlConfig,
  DownstreamPortConfig,
  FirmwareRegionConfig,
  MemoryDeviceConfig,
} from '../config.ts';
import type { HdmHardware, HdmRegister } from '../objects/hdm-register.ts';

/** A component that a member is reached through, and by which of its dports. */
interface Step {
  readonly component: string;
  readonly dport: number;
}

interface Member {
  readonly device: MemoryDeviceConfig;
  /** Host bridge first. */
  readonly steps: readonly Step[];
}

function* membersBelow(
  component: string,
  ports: readonly DownstreamPortConfig[],
  above: readonly Step[],
): Iterable<Member> {
  for (const { portNumber, below } of ports) {
    const steps = [...above, { component, dport: portNumber }];
    if (below?.kind === 'memory') yield { device: below, steps };
    if (below?.kind === 'switch') yield* membersBelow(below.address, below.downstream, steps);
  }
}

function allMembers(config: CxlConfig): Map<string, Member> {
  const members = config.hostBridges.flatMap((bridge) => [
    ...membersBelow(bridge.pciRoot, bridge.rootPorts, []),
  ]);
  return new Map(members.map((member) => [member.device.address, member]));
}

function nextRegister(hardware: HdmHardware, component: string): HdmRegister | undefined {
  return hardware.registersOf(component).find((register) => !register.committed);
}

function programPorts(
  hardware: HdmHardware,
  region: FirmwareRegionConfig,
  members: readonly Member[],
  rootWays: number,
): void {
  const depth = Math.max(0, ...members.map(({ steps }) => steps.length));
  const interleave = new Map<string, { granularity: number; ways: number }>();
  for (let level = 0; level < depth; level += 1) {
    const dports = new Map<string, { targets: Set<number>; parent: string | undefined }>();
    for (const { steps } of members) {
      const step = steps[level];
      if (step === undefined) continue;
      const entry = dports.get(step.component) ?? {
        targets: new Set(),
        parent: steps[level - 1]?.component,
      };
      entry.targets.add(step.dport);
      dports.set(step.component, entry);
    }
    for (const [component, { targets, parent }] of dports) {
      const above = parent === undefined ? undefined : interleave.get(parent);
      const base = above ?? { granularity: region.granularity, ways: rootWays };
      const granularity = base.granularity * routingWays(base.ways);
      interleave.set(component, { granularity, ways: targets.size });
      program(nextRegister(hardware, component), region, targets.size, granularity, [...targets]);
    }
  }
}

function program(
  register: HdmRegister | undefined,
  region: FirmwareRegionConfig,
  ways: number,
  granularity: number,
  targets: number[],
): void {
  if (register === undefined) return;
  register.range = { start: region.start, size: region.size };
  register.interleaveWays = ways;
  register.interleaveGranularity = granularity;
  register.targets = targets;
  register.committed = true;
  register.locked = region.locked ?? false;
}

/** Free ram that a device's first pmem decoder has to skip. */
function skipFor(
  device: MemoryDeviceConfig,
  region: FirmwareRegionConfig,
  registers: readonly HdmRegister[],
): number {
  if (region.mode === 'ram') return 0;
  const ram = device.partitions.find((partition) => partition.mode === 'ram')?.size ?? 0;
  const committed = registers.filter((register) => register.committed);
  const used = committed.reduce(
    (sum, { range, interleaveWays, dpaSkip }) => sum + range.size / interleaveWays + dpaSkip,
    0,
  );
  return Math.max(0, ram - used);
}

/** Programs the registers of all components for the machine's firmware regions. */
export function programFirmwareRegions(hardware: HdmHardware, config: CxlConfig): void {
  const all = allMembers(config);
  for (const region of config.firmwareRegions ?? []) {
    const members = region.members
      .map((address) => all.get(address))
      .filter((member) => member !== undefined);
    const window = config.windows.find(
      ({ base, size }) => region.start >= base && region.start < base + size,
    );
    programPorts(hardware, region, members, window?.targets.length ?? 1);
    for (const { device } of members) {
      const registers = hardware.registersOf(device.address);
      const register = nextRegister(hardware, device.address);
      if (register !== undefined) register.dpaSkip = skipFor(device, region, registers);
      program(register, region, region.members.length, region.granularity, []);
    }
  }
}
