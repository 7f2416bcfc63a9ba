/**
 * What `cxlbox validate` says of a machine.
 */
import { stringify } from 'yaml';
import type { DescriptionError } from '../../platform/description/error.ts';
import type { MachineDescription } from '../../platform/description/types.ts';
import { devicesOf } from '../../platform/description/types.ts';
import { machineFileOf } from '../../platform/description/write.ts';
import { exactSize } from '../../units.ts';

function counted(count: number, what: string, plural = `${what}s`): string {
  return `${count} ${count === 1 ? what : plural}`;
}

function total(sizes: readonly number[]): string {
  return exactSize(sizes.reduce((sum, size) => sum + size, 0));
}

function sized(what: string, sizes: readonly number[]): string {
  return sizes.length === 0 ? counted(0, what) : `${counted(sizes.length, what)} (${total(sizes)})`;
}

/** One line that lets the author see whether it is the machine that was meant. */
export function summary(file: string, machine: MachineDescription): string {
  const memory = machine.nodes.map(({ memory: ranges }) =>
    ranges.reduce((sum, { size }) => sum + size, 0),
  );
  const capacity = devicesOf(machine).map(({ capacity: each }) =>
    Object.values(each).reduce((sum, size) => sum + size, 0),
  );
  const parts = [
    sized('node', memory),
    counted(machine.hostBridges.length, 'host bridge'),
    sized('device', capacity),
    sized(
      'window',
      machine.windows.map(({ size }) => size),
    ),
    sized(
      'region',
      machine.regions.map(({ size }) => size),
    ),
    counted(machine.faults.length, 'fault'),
  ];
  return `${file}: valid: ${parts.join(', ')}; abi ${machine.abi}\n`;
}

/** The machine file with every default written out. */
export function resolvedYaml(machine: MachineDescription): string {
  return stringify(machineFileOf(machine), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** The same shape whether the file is valid or not. */
export function jsonReport(
  file: string,
  outcome: MachineDescription | DescriptionError,
  resolved: boolean,
): string {
  const report =
    outcome instanceof Error
      ? { file, valid: false, problems: outcome.problems, count: outcome.count }
      : {
          file,
          valid: true,
          problems: [],
          count: 0,
          ...(resolved ? { machine: machineFileOf(outcome) } : {}),
        };
  return `${JSON.stringify(report, null, 2)}\n`;
}
