/**
 * What the `list` file of a box says of a fault, for people and for programs.
 */
import { parseParameters } from '../../platform/faults/fault-line.ts';

/** A line of the file. */
export interface ListedFault {
  readonly fault: string;
  readonly number: number;
  readonly parameters: string;
  /** How often so far. */
  readonly struck: number;
}

const LINE = /^(\d+) (\S+) (.*) struck=(\d+)$/;

/** Oldest first. */
export function parseFaultList(text: string): ListedFault[] {
  return text.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, number, fault = '', parameters = '', struck] = match;
    return [{ fault, number: Number(number), parameters, struck: Number(struck) }];
  });
}

export function faultLine({ number, fault, parameters, struck }: ListedFault): string {
  return `${number}  ${fault} ${parameters}  struck ${struck === 1 ? 'once' : `${struck} times`}\n`;
}

/** What the parameter without a key is, of each kind that has one. */
const OPERANDS: Readonly<Record<string, string>> = {
  probe: 'driver',
  removal: 'device',
  'link-down': 'port',
};
const NUMBERS: ReadonlySet<string> = new Set(['times', 'skip', 'milliseconds']);

/** For programs: the parameters are fields as well. */
export function faultObject(listed: ListedFault): Readonly<Record<string, string | number>> {
  const { operands, options } = parseParameters(listed.parameters.split(' '));
  const key = OPERANDS[listed.fault];
  const operand = operands[0];
  return {
    ...listed,
    ...(key === undefined || operand === undefined ? {} : { [key]: operand }),
    ...Object.fromEntries(
      [...options].map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : value]),
    ),
  };
}
