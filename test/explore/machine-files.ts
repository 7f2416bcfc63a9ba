/**
 * Machine files gone wrong: texts of shipped machines, changed at random. Whatever the text, the
 * parser gives a machine or says what is wrong and where; and a small machine that it gives boots.
 */
import { readFileSync } from 'node:fs';
import { machineFile, namedMachines } from '../../src/machine-files/load.ts';
import { boot } from '../../src/platform/boot.ts';
import { DescriptionError } from '../../src/platform/description/error.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import { devicesOf, type MachineDescription } from '../../src/platform/description/types.ts';
import { mutated } from './mutate.ts';
import { Random } from './random.ts';

export interface Outcome {
  readonly text: string;
  readonly verdict: 'accepted' | 'booted' | 'refused';
  /** What is wrong with the parser; absent: nothing. */
  readonly fault?: string;
}

/** Parts that no shipped machine has. */
const SEEDS: readonly string[] = [
  'nodes: [{cpus: "0-3", memory: [{base: 0, size: 2GiB}], distances: {0: 10, 1: 20}}, {cpus: [4, 5]}]\n',
  'base: &base {ram: 1GiB}\nhost_bridges: [{root_ports: [{device: a}, {device: b}]}]\ndevices: {a: *base, b: {<<: *base, pmem: 256MiB}}\n',
  'host_bridges: [{root_ports: [{device: a}, {device: b}]}]\ndevices: {a: {ram: 1GiB, pmem: 1GiB}, b: {ram: 1GiB}}\nregions:\n  - {devices: [a], size: 256MiB}\n  - {devices: [b, a], size: 512MiB, granularity: 512}\n  - {type: pmem, devices: [a], driver: cxl_region}\n',
  'host_bridges: [{root_ports: [{device: a}]}]\ndevices: {a: {ram: 1GiB}}\nfaults: [{probe: cxl_mem, device: a, errno: EIO}, {hotplug: memmap}, {poison: a, dpa: 64}]\n',
  'abi: mainline-7.2\nboot: {modules: [cxl_port, cxl_acpi], hypervisor: false, auto_online_blocks: online}\nhost_bridges: [{root_ports: [{switch: {ports: [{device: a}, {device: b}]}}]}]\ndevices: {a: {ram: 512MiB}, b: {ram: 512MiB}}\nregions: [{devices: [a, b], driver: cxl_region}]\n',
];

let corpus: readonly string[] | undefined;

function texts(): readonly string[] {
  corpus ??= [...namedMachines().map((name) => readFileSync(machineFile(name), 'utf8')), ...SEEDS];
  return corpus;
}

/** The text number `index` of `seed`. */
export function machineText(seed: number, index: number): string {
  return mutated(texts(), new Random(seed * 1_000_003 + index));
}

const GIB = 2 ** 30;
const MOST_TO_BOOT = 64 * GIB;
const MOST_DEVICES = 64;

/** Booting others is no question of what the parser lets pass, and takes long. */
function isSmall(machine: MachineDescription): boolean {
  const sizes = [...machine.nodes.flatMap(({ memory }) => memory), ...machine.regions];
  return (
    sizes.reduce((sum, { size }) => sum + size, 0) <= MOST_TO_BOOT &&
    devicesOf(machine).length <= MOST_DEVICES
  );
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** A refusal has to say where, and what. */
function faultOfRefusal({ problems, message }: DescriptionError, text: string): string | undefined {
  const last = text.split('\n').length;
  if (problems.length === 0) return 'it is refused without a reason';
  for (const { line, column, message: why } of problems) {
    if (!(line >= 1 && line <= last && column >= 1))
      return `line ${line}, column ${column}: ${why}`;
    if (/undefined|\[object|NaN|call stack|=>/.test(why)) return `it is refused with: ${why}`;
  }
  return message.length > 50_000 ? 'the message has no end' : undefined;
}

export function tryText(text: string): Outcome {
  let machine: MachineDescription;
  try {
    machine = parseMachine(text, 'm.yaml');
  } catch (error) {
    if (!(error instanceof DescriptionError))
      return { text, verdict: 'refused', fault: `the parser throws ${errorText(error)}` };
    const fault = faultOfRefusal(error, text);
    return { text, verdict: 'refused', ...(fault === undefined ? {} : { fault }) };
  }
  if (!isSmall(machine)) return { text, verdict: 'accepted' };
  try {
    boot(machine);
    return { text, verdict: 'booted' };
  } catch (error) {
    return { text, verdict: 'accepted', fault: `it does not boot: ${errorText(error)}` };
  }
}
