import { describe, expect, it } from 'vitest';
import { FAULT_LIST } from '../../cxlbox-abi/fault.ts';
import { faultObject } from './list.ts';

describe('a fault for programs', () => {
  it.each([
    [
      '1 probe kmem device=dax0.0 errno=ENOMEM times=1 skip=2 struck=0',
      { driver: 'kmem', device: 'dax0.0', errno: 'ENOMEM', times: 1, skip: 2 },
    ],
    ['2 hotplug step=add:memmap errno=EBUSY struck=0', { step: 'add:memmap', errno: 'EBUSY' }],
    ['3 slow-online milliseconds=100 struck=0', { milliseconds: 100 }],
    [
      '6 slow-sanitize milliseconds=100 device=mem0 skip=2 struck=0',
      { milliseconds: 100, device: 'mem0', skip: 2 },
    ],
    ['4 removal 0000:0d:00.0 struck=0', { device: '0000:0d:00.0' }],
    ['5 link-down 0000:0c:00.0 struck=0', { port: '0000:0c:00.0' }],
  ])('%s', (line, fields) => {
    const [, number, fault, parameters] = /^(\d) (\S+) (.*) struck=0$/.exec(line) ?? [];
    expect(FAULT_LIST.parse(`${line}\n`).map(faultObject)).toEqual([
      { fault, number: Number(number), parameters, struck: 0, ...fields },
    ]);
  });
});
