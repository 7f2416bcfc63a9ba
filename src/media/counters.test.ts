import { expect, test } from 'vitest';
import { DAX_USE } from '../cxlbox-abi/dax-use.ts';
import { DaxCounters } from './counters.ts';

test('totals and processes are counted', () => {
  const counters = new DaxCounters();
  counters.opened(7);
  counters.faulted(7, 8192);
  counters.faulted(9, 4096);
  counters.killed(9);
  counters.refused.read += 1;
  counters.writtenBack += 4096;
  expect(DAX_USE.format(counters.use(1 << 21)).split('\n')).toEqual([
    'size 2097152',
    'opens 1',
    'faults 2',
    'fault_bytes 12288',
    'written_back_bytes 4096',
    'sigbus 1',
    'refused_opens 0',
    'refused_reads 1',
    'refused_writes 0',
    'process 7 opens 1 faults 1 fault_bytes 8192 sigbus 0',
    'process 9 opens 0 faults 1 fault_bytes 4096 sigbus 1',
    '',
  ]);
});

test('the list of processes is bounded, totals are not', () => {
  const counters = new DaxCounters();
  for (let pid = 1; pid <= 300; pid += 1) counters.opened(pid);
  const lines = DAX_USE.format(counters.use(0)).split('\n');
  expect(lines.filter((line) => line.startsWith('process'))).toHaveLength(256);
  expect(lines).toContain('opens 300');
  expect(lines.at(-2)).toMatch(/^process 300 /);
});
