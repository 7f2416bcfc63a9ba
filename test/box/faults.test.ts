// Faults as programs meet them, in boxes: errors of unmodified tools, slow writes, hardware that is
// lost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cxlbox, inBox, ROOT } from '../cxlbox.ts';
import { lacksBox, lacksProgram, needs } from '../needs.ts';
import { boxOfSuite } from './open-box.ts';

const CLI = `${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')}`;
const CXL = '/sys/bus/cxl';
const FAULT = '/sys/kernel/debug/cxlbox/fault';
const MEMORY = '/sys/devices/system/memory';
/** Polls `security/state` of mem0 while it is sanitized, which it starts. */
const POLL_SANITIZE = join(ROOT, 'test', 'box', 'poll-sanitize.py');
/** region0 as system memory whose blocks are offline. */
const OFFLINE_MEMORY = `
echo region0 > ${CXL}/drivers/cxl_sysram_region/bind
echo offline > ${CXL}/devices/sysram_region0/online_type
echo sysram_region0 > ${CXL}/drivers/cxl_dax_kmem_region/bind`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-faults-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('in a box', needs(lacksBox()), () => {
  test('a probe fails with the errno that was asked for, and the log says why', () => {
    const { stdout, stderr } = inBox(`
      ${CLI} fault probe cxl_devdax_region --errno ENOMEM --times 1
      echo region0 | tee ${CXL}/drivers/cxl_devdax_region/bind > /dev/null
      echo region0 > ${CXL}/drivers/cxl_devdax_region/bind && echo bound
      ${CLI} fault list; ${CLI} dmesg | grep -c 'injected by fault 1'`);
    expect(stderr).toContain('Cannot allocate memory');
    expect(stdout).toBe(
      'fault 1: probe cxl_devdax_region errno=ENOMEM times=1\nbound\n' +
        '1  probe cxl_devdax_region errno=ENOMEM times=1  struck once\n2\n',
    );
  });

  test(
    'daxctl meets a failing step of memory hotplug, and succeeds without',
    needs(lacksProgram('daxctl')),
    () => {
      const reconfigure = 'daxctl reconfigure-device --mode=system-ram --no-online dax0.0';
      const { stdout, stderr } = inBox(`
      echo region0 > ${CXL}/drivers/cxl_devdax_region/bind
      ${CLI} fault hotplug add:memmap --errno ENOMEM > /dev/null
      ${reconfigure} > /dev/null; echo status $?
      ls ${MEMORY} | grep -c 'memory[5-9]'
      ${CLI} fault clear all
      ${reconfigure} > /dev/null; echo status $?
      ls ${MEMORY} | grep -c 'memory[5-9].'`);
      expect(stderr).toContain('Cannot allocate memory');
      expect(stdout).toMatch(/^status [1-9]\d*\n5\n1 fault is cleared\nstatus 0\n32\n$/);
    },
  );

  test('a late end of a sanitize wakes its poller late', needs(lacksProgram('python3')), () => {
    const { stdout, stderr } = inBox(`
      echo 0 > ${CXL}/devices/region0/commit
      ${CLI} fault slow-sanitize 2s --device mem0 --times 1 > /dev/null
      python3 ${POLL_SANITIZE} 200; ${CLI} fault list`);
    expect([stdout, stderr]).toEqual([
      'disabled\nsanitize\nnothing, nothing sanitize\nERR, ERR PRI disabled\n' +
        '1  slow-sanitize milliseconds=2000 device=mem0 times=1  struck once\n',
      '',
    ]);
  });

  test('a sanitize that the device refuses is ENXIO', () => {
    const { stdout, stderr } = inBox(`
      echo 0 > ${CXL}/devices/region0/commit
      ${CLI} fault sanitize mem0 --times 1 > /dev/null
      echo 1 | tee ${CXL}/devices/mem0/security/sanitize; cat ${CXL}/devices/mem0/security/state`);
    expect(stderr).toContain('No such device or address');
    expect(stdout).toBe('1\ndisabled\n');
  });

  test(
    'cxl lists no device that was pulled out, and lists it again',
    needs(lacksProgram('cxl')),
    () => {
      const { stdout } = inBox(`
      count() { cxl list -Mu | grep -c memdev; }
      count; ${CLI} fault remove mem1 > /dev/null; count
      echo 1 > /sys/bus/pci/rescan; count
      ${CLI} fault clear 1 > /dev/null; count`);
      expect(stdout).toBe('2\n1\n1\n2\n');
    },
  );

  test('a link that is down takes the region with it', () => {
    const { stdout } = inBox(`
      ${CLI} fault link-down mem0
      cat ${CXL}/devices/region0/commit; ls ${CXL}/devices | grep -c '^mem'`);
    expect(stdout).toBe('fault 1: link-down 0000:0c:00.0\n0\n1\n');
  });

  test.each(['direct', 'checked'])(
    '%s: a slow write is answered late, and others are served meanwhile',
    (mode) => {
      const owed = 700;
      const { stdout } = cxlbox([
        'run',
        '--dax-memory',
        mode,
        '--',
        'sh',
        '-c',
        `${OFFLINE_MEMORY}
      ${CLI} fault slow-online ${owed}ms > /dev/null
      start=$(date +%s%N)
      { echo online > ${MEMORY}/memory50/state; echo answered after $((($(date +%s%N) - start) / 1000000)); } &
      until grep -q struck=1 ${FAULT}/list; do :; done
      cat ${MEMORY}/memory50/state
      wait`,
      ]);
      const [state, answer = ''] = stdout.split('\n');
      expect([state, answer.replace(/\d+$/, '')]).toEqual(['online', 'answered after ']);
      expect(Number(answer.split(' ').at(-1))).toBeGreaterThanOrEqual(owed);
    },
  );

  test('a box ends although a write in it still waits for its answer', () => {
    const { status } = inBox(`${OFFLINE_MEMORY}
      echo slow-online milliseconds=3600000 > ${FAULT}/inject
      echo online > ${MEMORY}/memory50/state &
      until grep -q struck=1 ${FAULT}/list; do :; done
      exit 7`);
    expect(status).toBe(7);
  });

  test('a killed writer stays until its answer comes, and the box ends', () => {
    const { stdout, status } = inBox(`${OFFLINE_MEMORY}
      echo slow-online milliseconds=3600000 > ${FAULT}/inject
      sh -c 'echo online > ${MEMORY}/memory50/state' &
      until grep -q struck=1 ${FAULT}/list; do :; done
      kill -KILL $!
      until grep 'State:.[DZ]' /proc/$!/status; do :; done
      exit 7`);
    expect([stdout, status]).toEqual(['State:\tD (disk sleep)\n', 7]);
  });

  test('a script learns the number that clear takes, and the parameters', () => {
    const { stdout } = inBox(`
      ${CLI} fault slow-online 2s > /dev/null
      ${CLI} fault link-down mem1 --json
      ${CLI} fault clear 2`);
    const [object, rest] = stdout.split(/(?<=^}\n)/m);
    expect(JSON.parse(object ?? '')).toEqual({
      fault: 'link-down',
      number: 2,
      parameters: '0000:0c:01.0',
      struck: 1,
      port: '0000:0c:01.0',
    });
    expect(rest).toBe('fault 2 is cleared\n');
  });

  describe('what is injected with --json is what list --json has', () => {
    const BY_COMMAND: readonly (readonly [string, object])[] = [
      ['poison mem0:2GiB', { fault: 'poison', memdev: 'mem0', dpa: '0x80000000' }],
      [
        'probe kmem --errno EIO --skip 1',
        {
          ...{ number: 1, struck: 0, fault: 'probe', parameters: 'kmem errno=EIO skip=1' },
          ...{ driver: 'kmem', errno: 'EIO', skip: 1 },
        },
      ],
      [
        'hotplug memmap',
        {
          ...{ number: 2, struck: 0, fault: 'hotplug' },
          ...{ parameters: 'step=add:memmap errno=ENOMEM', step: 'add:memmap', errno: 'ENOMEM' },
        },
      ],
      [
        'slow-online 2s',
        {
          ...{ number: 3, struck: 0, fault: 'slow-online' },
          ...{ parameters: 'milliseconds=2000', milliseconds: 2000 },
        },
      ],
      [
        'remove mem0',
        {
          ...{ number: 4, struck: 1, fault: 'removal' },
          ...{ parameters: '0000:0d:00.0', device: '0000:0d:00.0' },
        },
      ],
    ];
    let printed: readonly string[];
    beforeAll(() => {
      const script = BY_COMMAND.map(
        ([command], at) => `${CLI} fault ${command} --json; ${CLI} fault list --json; echo ---
          ${CLI} fault clear ${at === 0 ? 'mem0:2GiB' : 'all'} > /dev/null`,
      ).join('\n');
      printed = inBox(script).stdout.split('---\n');
    });

    test.each(BY_COMMAND.map(([command, fields], at) => [command, fields, at] as const))(
      '%s',
      (_, fields, at) => {
        const [object = '', list = ''] = printed[at]?.split(/(?<=^}\n)/m) ?? [];
        expect(JSON.parse(object)).toEqual(fields);
        expect(JSON.parse(list)).toEqual([JSON.parse(object)]);
      },
    );
  });

  test('poison of system memory: the counters of an unmodified system', () => {
    const { stdout, stderr } = inBox(`${OFFLINE_MEMORY}
      echo online_movable > ${MEMORY}/memory50/state
      ${CLI} fault poison 0x190001000
      grep HardwareCorrupted /proc/meminfo
      cat /sys/devices/system/node/node2/memory_failure/recovered
      echo offline > ${MEMORY}/memory50/state
      echo online_movable | tee ${MEMORY}/memory50/state > /dev/null`);
    expect(stdout).toBe('mem0 dpa 0x1000 is poisoned\nHardwareCorrupted:     4 kB\n1\n');
    expect(stderr).toContain('Memory page has hardware error');
  });

  test('a machine file starts faulty', () => {
    const machine = join(folder, 'faulty.yaml');
    writeFileSync(
      machine,
      `
host_bridges: [{root_ports: [{device: near}, {device: far}]}]
devices: {near: {ram: 1GiB}, far: {ram: 1GiB}}
regions: [{devices: [near], driver: cxl_devdax_region}]
faults:
  - { probe: device_dax, errno: EIO, times: 1 }
  - { poison: near, dpa: 0x1000 }
  - { removed: far }
`,
    );
    const { stdout } = inBox(
      `${CLI} fault list; ls /sys/bus/dax/drivers/device_dax | grep -c dax0.0; ls ${CXL}/devices | grep -c '^mem'`,
      {
        machine,
      },
    );
    expect(stdout).toBe(
      '1  probe device_dax errno=EIO times=1  struck once\n2  removal 0000:0e:00.0  struck once\n' +
        'poison  mem0 dpa 0x1000\n0\n1\n',
    );
  });

  test('a fault that cannot be refuses to boot', () => {
    const machine = join(folder, 'impossible.yaml');
    writeFileSync(
      machine,
      `
abi: mainline-7.2
boot: {auto_online_blocks: online_kernel}
host_bridges: [{root_ports: [{device: near}]}]
devices: {near: {ram: 1GiB}}
regions: [{devices: [near], driver: cxl_region}]
faults: [{removed: near}]
`,
    );
    const { stderr } = inBox('true', { machine });
    expect(stderr).toMatch(/CXLBOX_BOOT_FAILED/);
    expect(stderr).toContain('pulling 0000:0d:00.0 out refused');
  });
});

describe('the command line', () => {
  test.each([
    ['list'],
    ['clear', 'all'],
    ['clear', '1'],
    ['remove', 'mem0'],
    ['probe', 'kmem', '--errno', 'EIO'],
  ])('fault %s outside of a box: exit code 2, and what to do', (...args) => {
    const { status, stderr } = cxlbox(['fault', ...args]);
    expect([status, stderr]).toEqual([
      2,
      'cxlbox: faults can be injected only into a box, and this /sys does not belong to one\n' +
        '  what to do: run it inside a box: cxlbox run -- sh -c "cxlbox fault ..."; a real host can only be given poison\n',
    ]);
  });

  test.each([
    ['poison', 'the place was not poisoned', 'inject_poison'],
    ['clear', 'the poison was not cleared', 'clear_poison'],
  ])('fault %s of a device that is not there, outside of a box', (command, what, file) => {
    const { status, stderr } = cxlbox(['fault', command, 'mem99999:0']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(
        new RegExp(
          `^cxlbox: ${what}: /sys/kernel/debug/cxl/mem99999/${file}: .+\\n  what to do: .+\\n$`,
        ),
      ),
    ]);
    expect(stderr).toMatch(
      /: (no such file or directory \(ENOENT\)|permission denied \(EACCES\))\n/,
    );
  });

  // Each leaves faults to the next, which counts none of them.
  const refusals = boxOfSuite();

  test('says why poison is refused, and what to do', needs(lacksBox()), async () => {
    const { stderr } = await refusals(
      `${CLI} fault poison mem0:64GiB || ${CLI} fault clear mem0:64GiB || ${CLI} fault poison mem5:0 || ${CLI} fault poison mem0`,
    );
    const noDevice =
      'give a memory device of /sys/bus/cxl/devices that is bound to a driver; on a real host, be root and mount debugfs';
    expect(stderr).toBe(
      'cxlbox: the place was not poisoned: mem0: 0x1000000000 is beyond its capacity (EINVAL)\n' +
        '  what to do: give an address below the capacity of the device\n' +
        'cxlbox: the poison was not cleared: mem0: 0x1000000000 is beyond its capacity (EINVAL)\n' +
        '  what to do: give an address below the capacity of the device\n' +
        'cxlbox: the place was not poisoned: /sys/kernel/debug/cxl/mem5/inject_poison: no such file or directory (ENOENT)\n' +
        `  what to do: ${noDevice}\n` +
        "cxlbox: 'mem0' alone is not an address: its DPA is missing, as in mem0:0x1000\n",
    );
  });

  test(
    'a removed device has no name: only its address is gone already',
    needs(lacksBox()),
    async () => {
      const { stderr } = await refusals(`
      ${CLI} fault remove mem0 > /dev/null
      ${CLI} fault remove mem0; ${CLI} fault remove 0000:0d:00.0
      ${CLI} fault link-down 0000:0c:00.0 > /dev/null
      ${CLI} fault link-down mem0; ${CLI} fault link-down 0000:0c:00.0`);
      const errnos = [...stderr.matchAll(/\((E\w+)\)$/gm)].map(([, errno]) => errno);
      expect(errnos).toEqual(['ENODEV', 'EEXIST', 'ENODEV', 'EEXIST']);
    },
  );

  test('says what is wrong with a fault, and what to do', needs(lacksBox()), async () => {
    const { stderr } = await refusals(
      `${CLI} fault probe kmen --errno EIO || ${CLI} fault remove mem9 || ${CLI} fault clear 3`,
    );
    expect(stderr).toBe(
      "cxlbox: the fault was not injected: 'kmen' is not a valid driver, did you mean 'kmem'? (EINVAL)\n" +
        '  what to do: correct it; docs/faults.md describes every kind of fault\n' +
        "cxlbox: the fault was not injected: no memory device 'mem9', and no PCI function at such an address (ENODEV)\n" +
        '  what to do: give a name of /sys/bus/cxl/devices or /sys/bus/pci/devices\n' +
        'cxlbox: nothing was cleared: there is no fault 3 (ENOENT)\n' +
        '  what to do: see cxlbox fault list\n',
    );
  });
});
