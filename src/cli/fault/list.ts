/**
 * What the `list` file of a box says of a fault, for people and for programs.
 */
import { faultParameters, type ListedFault } from '../../cxlbox-abi/fault.ts';

export function faultLine(listed: ListedFault): string {
  const { number, kind, struck } = listed;
  return `${number}  ${kind} ${faultParameters(listed)}  struck ${struck === 1 ? 'once' : `${struck} times`}\n`;
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
  const { kind, number, struck, operands, options } = listed;
  const key = OPERANDS[kind];
  const [operand] = operands;
  return {
    fault: kind,
    number,
    parameters: faultParameters(listed),
    struck,
    ...(key === undefined || operand === undefined ? {} : { [key]: operand }),
    ...Object.fromEntries(
      [...options].map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : value]),
    ),
  };
}
