/**
 * What the `list` file of a box says of a fault, for people and for programs.
 */
import { faultParameters, type ListedFault } from '../../cxlbox-abi/fault.ts';
import { isNumber } from '../../platform/faults/declaration.ts';
import { FAULT_KINDS } from '../../platform/faults/kinds/index.ts';

export function faultLine(listed: ListedFault): string {
  const { number, kind, struck } = listed;
  return `${number}  ${kind} ${faultParameters(listed)}  struck ${struck === 1 ? 'once' : `${struck} times`}\n`;
}

/** For programs: the parameters are fields as well. */
export function faultObject(listed: ListedFault): Readonly<Record<string, string | number>> {
  const { kind, number, struck, operands, options } = listed;
  const declared = FAULT_KINDS.find((each) => each.name === kind);
  const [operand] = operands;
  const numbers = [declared?.operand, ...(declared?.options ?? [])].flatMap((each) =>
    each !== undefined && isNumber(each.value) ? [each.key] : [],
  );
  return {
    fault: kind,
    number,
    parameters: faultParameters(listed),
    struck,
    ...(declared === undefined || operand === undefined ? {} : { [declared.operand.key]: operand }),
    ...Object.fromEntries(
      [...options].map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
    ),
  };
}
