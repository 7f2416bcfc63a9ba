/**
 * Tries machine files one after the other in a thread of its own, so that one that hangs it can be
 * told.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { machineText, type Outcome, tryText } from './machine-files.ts';

export interface Task {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** One number: which text is being tried. */
  readonly at: SharedArrayBuffer;
}

export type Report = Pick<Outcome, 'verdict' | 'fault'> & {
  readonly index: number;
  /** Of processor time: what else the computer does is no fault of the parser. */
  readonly milliseconds: number;
};

const { seed, from, count, at } = workerData as Task;
const current = new Int32Array(at);
for (let index = from; index < from + count; index += 1) {
  Atomics.store(current, 0, index);
  const text = machineText(seed, index);
  const start = process.cpuUsage();
  const { verdict, fault } = tryText(text);
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1000;
  const report: Report = {
    index,
    verdict,
    milliseconds,
    ...(fault === undefined ? {} : { fault }),
  };
  parentPort?.postMessage(report);
}
