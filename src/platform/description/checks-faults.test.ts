import { describe, expect, it } from 'vitest';
import { problems } from '../../../test/description-problems.ts';
import { FAULT_INJECT } from '../../cxlbox-abi/fault.ts';
import { parseMachine } from './parse.ts';

const MACHINE = `
host_bridges: [{root_ports: [{device: near}, {switch: {ports: [{device: far}]}}]}]
devices: {near: {ram: 1GiB}, far: {ram: 256MiB}}
`;

const withFaults = (faults: string): string => `${MACHINE}faults: [${faults}]\n`;

describe('faults of a machine file', () => {
  it.each([
    ['{poison: near, dpa: 0x1000}', 'poison 0000:0d:00.0 dpa=4096'],
    ['{poison: near, dpa: 1MiB}', 'poison 0000:0d:00.0 dpa=1048576'],
    ['{probe: kmem, errno: ENOMEM, times: 1}', 'probe kmem errno=ENOMEM times=1'],
    [
      '{probe: cxl_mem, device: far, errno: EPROBE_DEFER}',
      'probe cxl_mem device=0000:10:00.0 errno=EPROBE_DEFER',
    ],
    [
      '{probe: kmem, device: dax0.0, errno: EIO, skip: 2}',
      'probe kmem device=dax0.0 errno=EIO skip=2',
    ],
    [
      '{probe: cxl_acpi, device: "ACPI0017:00", errno: EIO}',
      'probe cxl_acpi device=ACPI0017:00 errno=EIO',
    ],
    ['{hotplug: memmap, errno: EEXIST}', 'hotplug step=memmap errno=EEXIST'],
    ['{hotplug: 7}', 'hotplug step=7'],
    ['{slow_online: 100ms}', 'slow-online milliseconds=100'],
    ['{slow_online: 2s}', 'slow-online milliseconds=2000'],
    ['{slow_online: 30}', 'slow-online milliseconds=30'],
    ['{removed: far}', 'removal 0000:10:00.0'],
    ['{link_down: far}', 'link-down 0000:10:00.0'],
    ['{link_down: "0000:0c:01.0"}', 'link-down 0000:0c:01.0'],
  ])('%s is %s', (text, request) => {
    expect(
      parseMachine(withFaults(text), 'm.yaml').faults.map((each) => FAULT_INJECT.format(each)),
    ).toEqual([`${request}\n`]);
  });

  it('are none by default, and in the order of the file else', () => {
    expect(parseMachine(MACHINE, 'm.yaml').faults).toEqual([]);
    expect(
      parseMachine(withFaults('{removed: far}, {slow_online: 1}'), 'm.yaml').faults.map(
        ({ kind }) => kind,
      ),
    ).toEqual(['removal', 'slow-online']);
  });

  it.each([
    ['{poison: near}', '4:10: faults[0]: found poison without dpa'],
    [
      '{poison: nea, dpa: 0}',
      "4:19: faults[0].poison: found 'nea', which is not a device, did you mean 'near'?",
    ],
    ['{poison: near, dpa: 0x20}', '4:30: faults[0].dpa: found 0x20, expected a multiple of 64'],
    [
      '{poison: far, dpa: 256MiB}',
      "4:29: faults[0].dpa: found 0x10000000, expected an address below the capacity of 'far'",
    ],
    ['{probe: kmem}', '4:10: faults[0]: found probe without errno'],
    [
      '{probe: kmen, errno: EIO}',
      "4:18: faults[0].probe: found 'kmen', which is not a valid driver, did you mean 'kmem'?",
    ],
    [
      '{probe: kmem, errno: EIOO}',
      "4:31: faults[0].errno: found 'EIOO', which is not a valid errno, did you mean 'EIO'?",
    ],
    ['{probe: kmem, errno: EIO, times: 0}', '4:43: faults[0].times: found 0, expected 1 or more'],
    [
      '{probe: cxl_mem, errno: EIO, device: fra}',
      "4:47: faults[0].device: found 'fra', which is not a device",
    ],
    [
      '{hotplug: memap}',
      "4:20: faults[0].hotplug: found 'memap', which is not a valid hotplug step, did you mean 'memmap'?",
    ],
    ['{hotplug: 9}', "4:20: faults[0].hotplug: found '9', which is not a valid hotplug step"],
    [
      '{hotplug: 7, errno: EPROBE_DEFER}',
      "4:30: faults[0].errno: found 'EPROBE_DEFER', which is not a valid errno",
    ],
    [
      '{slow_online: fast}',
      '4:24: faults[0].slow_online: found "fast", expected a time such as 100ms or 2s',
    ],
    [
      '{slow_online: [1]}',
      '4:24: faults[0].slow_online: found a list, expected a time such as 100ms or 2s',
    ],
    [
      '{slow_online: {ms: 1}}',
      '4:24: faults[0].slow_online: found a map, expected a time such as 100ms or 2s',
    ],
    [
      '{slow_online: 2147484s}',
      '4:24: faults[0].slow_online: found 2147484000ms, expected 2147483647ms or less',
    ],
    [
      '{hotplug: 1, times: 2147483648}',
      '4:30: faults[0].times: found 2147483648, expected 2147483647 or less',
    ],
    ['{slow_online: 0}', '4:24: faults[0].slow_online: found 0, expected at least 1ms'],
    [
      '{removed: "0000:0c:00.0"}',
      "4:20: faults[0].removed: found '0000:0c:00.0', which is not a device",
    ],
    [
      '{link_down: "0000:99:00.0"}',
      "4:22: faults[0].link_down: found '0000:99:00.0', which is not the PCI address of a port or a device, expected one of near, far, 0000:0c:00.0, ",
    ],
    [
      '{link_down: somewhere}',
      "4:22: faults[0].link_down: found 'somewhere', which is not a device, expected one of near, far, 0000:0c:00.0, ",
    ],
    [
      '{link_down: nea}',
      "4:22: faults[0].link_down: found 'nea', which is not a device, did you mean 'near'?",
    ],
    [
      '{removed: far, errno: EIO}',
      '4:25: faults[0].errno: found errno beside removed, which takes nothing else',
    ],
    [
      '{poison: far, dpa: 0, times: 2}',
      '4:32: faults[0].times: found times beside poison, expected dpa',
    ],
    [
      '{removed: far, link_down: far}',
      '4:10: faults[0]: found removed and link_down, expected one of poison, probe,',
    ],
    ['{errno: EIO}', '4:10: faults[0]: found no fault, expected one of poison, probe, hotplug,'],
    [
      '{remove: far}',
      "4:11: faults[0].remove: found an unknown key 'remove', did you mean 'removed'?",
    ],
  ])('%s is refused', (text, start) => {
    const found = problems(withFaults(text));
    expect(found).toHaveLength(1);
    expect(found[0]?.slice(0, start.length + 'm.yaml:'.length)).toBe(`m.yaml:${start}`);
  });
});
