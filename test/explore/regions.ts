/**
 * `regions`: what the parser says of regions, and what the boot does with them, on machines and
 * regions that are made at random. The parser refuses what does not boot, and nothing that boots.
 */
import { KernelError } from '../../src/errno.ts';
import { boot } from '../../src/platform/boot.ts';
import { regionFindings } from '../../src/platform/description/checks-regions.ts';
import { resolveMachine } from '../../src/platform/description/resolve.ts';
import { machineSchema } from '../../src/platform/description/schema.ts';
import { must } from '../properties/invariants/must.ts';
import { Random } from './random.ts';

const MIB_256 = 2 ** 28;

type Port = { device: string } | { switch: { decoders: number; ports: Port[] } };

/** Devices behind bridges and switches, some windows, some regions: most of it plausible. */
class RandomMachine {
  private readonly random: Random;
  private readonly devices: Record<string, object> = {};
  private readonly bridgeOf = new Map<string, number>();

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  private port(bridge: number, depth: number): Port {
    const { random } = this;
    if (depth < 2 && random.below(3) === 0) {
      const ports = Array.from({ length: random.of([1, 2, 2, 3, 4]) }, () =>
        this.port(bridge, depth + 1),
      );
      return {
        switch: { decoders: ports.length > 1 ? random.of([4, 1, 2]) : random.of([0, 4]), ports },
      };
    }
    const name = `d${this.bridgeOf.size}`;
    this.bridgeOf.set(name, bridge);
    const pmem = random.below(3) === 0 ? { pmem: 4 * MIB_256 } : {};
    this.devices[name] = {
      ram: BigInt(8 * MIB_256),
      ...big(pmem),
      decoders: random.of([4n, 4n, 1n, 2n]),
    };
    return { device: name };
  }

  private region(windows: readonly { targets: number[] }[]): object {
    const { random } = this;
    const window = random.below(windows.length);
    const targets = windows[window]?.targets ?? [];
    const names = (uid: number): string[] =>
      [...this.bridgeOf].flatMap(([name, bridge]) => (bridge === uid ? [name] : []));
    const shuffled = new Map(
      targets.map((uid) => [
        uid,
        random.below(3) === 0 ? names(uid).sort(() => random.below(3) - 1) : names(uid),
      ]),
    );
    const perTarget = random.of([1, 1, 2, 2, 3, 4]);
    const devices = Array.from({ length: perTarget }, (_, at) =>
      targets.map((uid) => shuffled.get(uid)?.[at % (shuffled.get(uid)?.length ?? 1)] ?? ''),
    ).flat();
    const granularity =
      random.below(3) === 0 ? { granularity: random.of([512, 1024, 8192, 16384, 300]) } : {};
    return {
      window,
      devices,
      size: devices.length * MIB_256 * random.of([1, 1, 2, 4]),
      ...granularity,
      ...(random.below(4) === 0 ? { type: 'pmem' } : {}),
      ...(random.below(4) === 0
        ? { driver: random.of(['cxl_region', 'cxl_devdax_region', 'cxl_sysram_region', 'kmem']) }
        : {}),
      ...(random.below(8) === 0 ? { firmware: true } : {}),
    };
  }

  make(): unknown {
    const { random } = this;
    const uids = Array.from({ length: random.of([1, 2, 2, 4]) }, (_, at) => 12 + at);
    const host_bridges = uids.map((uid) => ({
      uid,
      pci: `${uid.toString(16).padStart(4, '0')}:0c`,
      root_ports: Array.from({ length: random.of([1, 2, 2, 3, 4]) }, () => this.port(uid, 0)),
    }));
    const windows = [
      { targets: uids.slice(0, random.of([1, 2, 4])), size: 64 * MIB_256 },
      ...uids.map((uid) => ({
        targets: [uid],
        size: 32 * MIB_256,
        granularity: random.of([256, 256, 4096]),
      })),
    ];
    const regions = Array.from({ length: 1 + random.below(4) }, () => this.region(windows));
    return big({
      abi: random.of(['explicit-region-drivers-v1', 'explicit-region-drivers-v1', 'mainline-7.2']),
      host_bridges,
      devices: this.devices,
      windows,
      regions,
    });
  }
}

/** As YAML gives numbers. */
function big(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? Number(each) : each)),
    (_, each) => (typeof each === 'number' ? BigInt(each) : each),
  ) as object;
}

function bootError(machine: Parameters<typeof boot>[0]): string | undefined {
  try {
    boot(machine);
    return undefined;
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
}

export interface Tried {
  /** What the parser finds wrong. */
  readonly findings: readonly string[];
  readonly firmware: boolean;
  /** Why the boot refuses the machine; undefined: it boots. */
  readonly error: string | undefined;
}

/** The machine number `index` of `seed`. */
export function tryRegions(seed: number, index: number): Tried {
  const raw = machineSchema.parse(new RandomMachine(seed * 100_003 + index).make());
  const machine = resolveMachine(raw, 'random');
  const findings = regionFindings(raw, machine).map(({ message, path }) => {
    const text = typeof message === 'string' ? message : message();
    return `${path.join('.')}: ${text}`;
  });
  const firmware = machine.regions.some((region) => region.firmware);
  return { findings, firmware, error: bootError(machine) };
}

export function isWronglyAccepted({ findings, error }: Tried): boolean {
  return findings.length === 0 && error !== undefined;
}

/** A boot refuses nothing of firmware; the parser does where no register could hold it. */
export function isWronglyRefused({ findings, firmware, error }: Tried): boolean {
  return findings.length > 0 && error === undefined && !firmware;
}

export function toldOf(index: number, { findings, error }: Tried): string {
  return `machine ${index}: boot: ${error ?? 'fine'}; parser: ${findings[0] ?? 'fine'}`;
}

export function exploreRegions(seed: number, count: number): { accepted: number; refused: number } {
  const figures = { accepted: 0, refused: 0 };
  for (let index = 0; index < count; index += 1) {
    const tried = tryRegions(seed, index);
    const wrong = isWronglyAccepted(tried) || isWronglyRefused(tried);
    must(!wrong, () => toldOf(index, tried));
    figures[tried.findings.length === 0 ? 'accepted' : 'refused'] += 1;
  }
  return figures;
}
