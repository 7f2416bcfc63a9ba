/**
 * The time line of a start, as `CXLBOX_TIMING=1` prints it on standard error: what was reached, in
 * milliseconds since `cxlbox` itself was started. Lines of several processes may be out of order.
 */
import { complain } from './standard-error.ts';

let from: number | undefined;
let process = '';

/** When this process was started, if marks are asked for; milliseconds since 1970. */
export function timingAsked(variable: string | undefined): number | undefined {
  return variable === '1' ? performance.timeOrigin : undefined;
}

/** `since`: as of `timingAsked`, in the process that was asked. Undefined: nothing is printed. */
export function startMarks(name: string, since: number | undefined): void {
  process = name;
  from = since;
  if (since !== undefined) print('started', performance.timeOrigin - since);
  mark('code runs');
}

export function mark(reached: string): void {
  if (from !== undefined) print(reached, performance.timeOrigin + performance.now() - from);
}

function print(reached: string, milliseconds: number): void {
  const time = milliseconds.toFixed(1).padStart(7);
  complain(`cxlbox: timing ${time} ms  ${process.padEnd(7)}  ${reached}`);
}
