// The memory of dax devices as programs see it, in boxes: direct and checked, C, Python and perl.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cxlbox, installed, type Outcome, ROOT } from '../cxlbox.ts';
import { type Lack, lacksProgram, needs } from '../needs.ts';
import { boxOfSuite, opening } from './open-box.ts';

const CLI = `${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')}`;
const CXL = '/sys/bus/cxl';
const DRIVER = '/sys/bus/dax/drivers/device_dax';
const UNBIND = `echo region1 > ${CXL}/drivers/cxl_devdax_region/unbind`;
const BIND = `echo region1 > ${CXL}/drivers/cxl_devdax_region/bind`;
const PERL = join(ROOT, 'examples', 'map-dax.pl');

let folder: string;
const program = (name: string): string => join(folder, name);

/** A compiler, or the header file of a library. */
function lacksLibrary(library: string): Lack {
  const header = `${library === 'pmem' ? 'libpmem' : library}.h`;
  const found = existsSync(`/usr/include/${header}`);
  return lacksProgram('cc') ?? (found ? undefined : `not installed: ${header}`);
}

const LIBRARIES: Readonly<Record<string, string>> = {
  'pmem-map': 'pmem',
  'memkind-map': 'memkind',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-dax-'));
  if (!installed('cc')) return;
  for (const name of ['dax-map', 'dax-ring', ...Object.keys(LIBRARIES)]) {
    const library = LIBRARIES[name];
    if (library !== undefined && lacksLibrary(library) !== undefined) continue;
    const source = join(ROOT, 'examples', `${name}.c`);
    const links = library === undefined ? [] : [`-l${library}`];
    const { status, stderr } = spawnSync('cc', [
      '-O2',
      '-Wall',
      '-Werror',
      '-o',
      program(name),
      source,
      ...links,
    ]);
    if (status !== 0) throw new Error(String(stderr));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In a box of its own. */
function runAlone(script: string, ...options: string[]): Outcome {
  return cxlbox(['run', ...options, '--', 'sh', '-c', script]);
}

const MODES = ['direct', 'checked'] as const;
const COMPILER = needs(lacksProgram('cc'));

/** Two ways across two devices of one host bridge, and a region that firmware did not make. */
const INTERLEAVED = `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 4GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: left}, {device: right}]}]
devices: {left: {ram: 1GiB}, right: {ram: 1GiB}}
regions: [{devices: [left, right], size: 512MiB, granularity: 256, driver: cxl_devdax_region}]
`;

describe.each(MODES)('%s', (mode) => {
  const run = boxOfSuite(opening(['--dax-memory', mode]), { restore: UNBIND });
  const box = (script: string): Promise<Outcome> => run(`${BIND}\n${script}`);

  test(
    'a C program stores and loads; another finds what it left, also after unbind and bind',
    COMPILER,
    async () => {
      const { stdout, stderr } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x40000000 store:0x1000:hello load:0x1000:5
      echo dax1.0 > ${DRIVER}/unbind; echo dax1.0 > ${DRIVER}/bind
      ${program('dax-map')} /dev/dax1.0 0x40000000 load:0x1000:5
      echo region1 > ${CXL}/drivers/cxl_devdax_region/unbind; ${BIND}
      ${program('dax-map')} /dev/dax1.0 0x40000000 load:0x1000:5`);
      expect([stdout, stderr]).toEqual(['loaded hello\n'.repeat(3), '']);
    },
  );

  test('a sanitize erases what was stored, and stores after it stay', COMPILER, async () => {
    const map = `${program('dax-map')} /dev/dax1.0 0x40000000`;
    const { stdout, stderr } = await box(`
      ${map} store:0x1000:secret load:0x1000:6
      echo region1 > ${CXL}/drivers/cxl_devdax_region/unbind
      echo 0 > ${CXL}/devices/region1/commit
      echo 1 > ${CXL}/devices/mem1/security/sanitize
      while grep -q sanitize ${CXL}/devices/mem1/security/state; do sleep 0.01; done
      echo 1 > ${CXL}/devices/region1/commit; ${BIND}
      ${map} load:0x1000:6 store:0x1000:public load:0x1000:6`);
    expect([stdout.replaceAll('\0', '.'), stderr]).toEqual([
      'loaded secret\nloaded ......\nloaded public\n',
      '',
    ]);
  });

  test('libpmem maps it', needs(lacksLibrary('pmem')), async () => {
    const { stdout, stderr } = await box(`${program('pmem-map')} /dev/dax1.0 durable`);
    expect([stdout, stderr]).toEqual(["4294967296 bytes mapped, found 'durable'\n", '']);
  });

  test('memkind allocates in it', needs(lacksLibrary('memkind')), async () => {
    const { stdout, stderr } = await box(`${program('memkind-map')} /dev/dax1.0 0x10000000`);
    expect([stdout, stderr]).toEqual(['10000 objects in the device, 0 wrong\n', '']);
  });

  test('fio writes and verifies by its mmap engine', needs(lacksProgram('fio')), async () => {
    const { stdout } =
      await box(`fio --verify_state_save=0 --name=dax --ioengine=mmap --filename=/dev/dax1.0 --thread --rw=randwrite --bs=4k \
      --size=2m --verify=crc32c 2>&1`);
    expect(stdout).toMatch(/err= 0/);
  });

  test('a queue between two processes', COMPILER, async () => {
    const { stdout, stderr } = await box(`
      ${program('dax-ring')} /dev/dax1.0 reset
      ${program('dax-ring')} /dev/dax1.0 consume 200000 & ${program('dax-ring')} /dev/dax1.0 produce 200000; wait`);
    expect([stdout.split('\n').sort(), stderr]).toEqual([
      ['', 'consumed 200000, 0 wrong', 'produced 200000'],
      '',
    ]);
  });

  test('Python maps it', needs(lacksProgram('python3')), async () => {
    const script = join(folder, 'map.py');
    writeFileSync(
      script,
      `import mmap, os
fd = os.open('/dev/dax1.0', os.O_RDWR)
with mmap.mmap(fd, 2 << 20, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE) as memory:
    memory[4096:4101] = b'hello'
with mmap.mmap(fd, 2 << 20, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
    print(memory[4096:4101].decode())
`,
    );
    expect(await box(`python3 ${script}`)).toMatchObject({ stdout: 'hello\n', stderr: '' });
  });

  test(
    'Node reads and writes it through fs where the file is the media; it cannot map',
    COMPILER,
    async () => {
      const script = join(folder, 'through-fs.mjs');
      writeFileSync(
        script,
        `import { openSync, readSync, writeSync } from 'node:fs';
const file = openSync('/dev/dax1.0', 'r+');
try {
  writeSync(file, 'hello', 0x12345000);
  const bytes = Buffer.alloc(5);
  readSync(file, bytes, 0, 5, 0x12345000);
  console.log(bytes.toString());
} catch (error) {
  console.log(error.code);
}
`,
      );
      const { stdout } = await box(
        `${process.execPath} ${script}; ${program('dax-map')} /dev/dax1.0 0x14000000 load:0x12345000:5`,
      );
      expect(stdout).toBe(mode === 'direct' ? 'hello\nloaded hello\n' : 'EINVAL\nloaded .....\n');
    },
  );

  test('perl maps it', needs(lacksProgram('perl')), async () => {
    const { stdout } = await box(
      `perl ${PERL} write /dev/dax1.0 0x200000 65536; perl ${PERL} check /dev/dax1.0 0x200000 65536`,
    );
    expect(stdout).toMatch(/wrote 16 pages.*\n.*found 16 pages/);
  });

  test('an interleaved region keeps its contents over destroy and create', COMPILER, () => {
    const machine = join(folder, 'interleaved.yaml');
    writeFileSync(machine, INTERLEAVED);
    const region = `${CXL}/devices/region0`;
    const { stdout, stderr } = runAlone(
      `set -e
      ${program('dax-map')} /dev/dax0.0 0x10000000 store:0xff0:over-the-page-and-granules store:0x8000100:far
      echo region0 > ${CXL}/drivers/cxl_devdax_region/unbind
      targets="$(cat ${region}/target0) $(cat ${region}/target1)"
      echo 0 > ${region}/commit; echo region0 > ${CXL}/devices/decoder0.0/delete_region
      for target in $targets; do echo 0 > ${CXL}/devices/$target/dpa_size; done
      new=$(cat ${CXL}/devices/decoder0.0/create_ram_region); echo $new > ${CXL}/devices/decoder0.0/create_ram_region
      region=${CXL}/devices/$new
      echo 256 > $region/interleave_granularity; echo 2 > $region/interleave_ways
      for target in $targets; do echo ram > ${CXL}/devices/$target/mode; echo 0x10000000 > ${CXL}/devices/$target/dpa_size; done
      echo 0x20000000 > $region/size
      position=0; for target in $targets; do echo $target > $region/target$position; position=$((position + 1)); done
      echo 1 > $region/commit; echo $new > ${CXL}/drivers/cxl_devdax_region/bind
      device=$(ls -d /dev/dax*)
      ${program('dax-map')} $device 0x10000000 load:0xff0:26 load:0x8000100:3`,
      '--machine',
      machine,
      '--dax-memory',
      mode,
    );
    expect([stdout, stderr]).toEqual(['loaded over-the-page-and-granules\nloaded far\n', '']);
  });

  test('contents persist in a folder', COMPILER, () => {
    const options = ['--dax-memory', mode, '--media', join(folder, `media-${mode}`)];
    const map = `${BIND}; ${program('dax-map')} /dev/dax1.0 0x200000`;
    runAlone(`${map} store:0x1000:persists`, ...options);
    expect(runAlone(`${map} load:0x1000:8`, ...options).stdout).toBe('loaded persists\n');
  });

  test('two devices of one region share it at a boundary', COMPILER, async () => {
    const { stdout, stderr } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x40000000 store:0x10000000:tail
      devices=/sys/bus/dax/devices; group=$devices/dax1.0/../dax_region
      echo dax1.0 > ${DRIVER}/unbind; echo 0x10000000 > $devices/dax1.0/size; echo dax1.0 > ${DRIVER}/bind
      echo 1 > $group/create; echo 0x10000000 > $devices/dax1.1/size; echo dax1.1 > ${DRIVER}/bind
      stat -L -c %s /dev/dax1.0 /dev/dax1.1
      ${program('dax-map')} /dev/dax1.1 0x10000000 load:0:4`);
    expect([stdout, stderr]).toEqual(['268435456\n268435456\nloaded tail\n', '']);
  });
});

/** As large as what fio is told: libpmem makes a file as long as what is mapped of it. */
const SMALL = `
windows: [{base: 0x190000000, size: 4GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: small}]}]
devices: {small: {ram: 256MiB}}
regions: [{devices: [small], driver: cxl_devdax_region}]
`;

test(
  'fio writes and verifies by its libpmem engine, direct',
  needs(lacksProgram('fio'), lacksLibrary('pmem')),
  () => {
    const machine = join(folder, 'small.yaml');
    writeFileSync(machine, SMALL);
    const { stdout } = runAlone(
      `PMEM_IS_PMEM_FORCE=1 fio --verify_state_save=0 --name=dax --ioengine=libpmem --filename=/dev/dax0.0 --thread \
      --direct=1 --rw=randwrite --bs=4k --size=256m --io_size=4m --verify=crc32c 2>&1; stat -L -c %s /dev/dax0.0`,
      '--machine',
      machine,
    );
    expect(stdout).toMatch(/err= 0/);
    expect(stdout).toMatch(/^268435456$/m);
  },
);

describe('checked refuses what device_dax refuses', () => {
  const run = boxOfSuite(opening(['--dax-memory', 'checked']), { restore: UNBIND });
  const box = (script: string): Promise<Outcome> => run(`${BIND}\n${script}`);

  test('read(2) and write(2)', async () => {
    const { stderr } = await box(
      'head -c1 /dev/dax1.0; printf x | dd of=/dev/dax1.0 conv=notrunc status=none',
    );
    expect(stderr.match(/Invalid argument/g)).toHaveLength(2);
  });

  test('open without a character driver', async () => {
    const { stderr } = await box(`echo dax1.0 > ${DRIVER}/unbind; dd if=/dev/dax1.0 count=0`);
    expect(stderr).toContain('No such device or address');
  });

  test('a mapping of an unbound device gets SIGBUS until it is bound again', COMPILER, async () => {
    const { stdout } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x40000000 store:0x1000:hello 'run:echo dax1.0 > ${DRIVER}/unbind' load:0x1000:5 \
        'run:echo dax1.0 > ${DRIVER}/bind' load:0x1000:5`);
    expect(stdout).toBe('loaded SIGBUS at 0x1000\nloaded hello\n');
  });

  test(
    'a mapping of a device that went away stays lost; its contents do not',
    COMPILER,
    async () => {
      const unbind = `'run:echo region1 > ${CXL}/drivers/cxl_devdax_region/unbind'`;
      const { stdout } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x200000 store:0:kept ${unbind} load:0:4 'run:${BIND}' load:0:4
      ${program('dax-map')} /dev/dax1.0 0x200000 load:0:4`);
      expect(stdout).toBe('loaded SIGBUS at 0\nloaded SIGBUS at 0\nloaded kept\n');
    },
  );

  test(
    'a poisoned page gets SIGBUS and nothing else does; cleared it is zero',
    COMPILER,
    async () => {
      const at = (place: string): string => `'run:${CLI} fault ${place} >/dev/null'`;
      const { stdout } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x400000 store:0x200ffc:before store:0x201040:bad store:0x202000:after \
        ${at('poison dax1.0:0x201050')} load:0x200ffc:4 load:0x201040:3 load:0x202000:5 load:0x203000:2 \
        'run:${CLI} fault list' ${at('clear dax1.0:0x201040')} load:0x201040:3
      grep -c hardware.memory.corruption /sys/kernel/debug/cxlbox/log`);
      expect(stdout).toBe(
        'loaded befo\nloaded SIGBUS at 0x201040\nloaded after\nloaded ..\npoison  mem1 dpa 0x201040\nloaded ...\n1\n',
      );
    },
  );

  test('faults, bytes and processes are counted', COMPILER, async () => {
    const { stdout } = await box(`
      ${program('dax-map')} /dev/dax1.0 0x200000 store:0x1000:x
      head -c1 /dev/dax1.0; cat /sys/kernel/debug/cxlbox/dax/dax1.0`);
    expect(stdout).toMatch(/^opens 2$/m);
    expect(stdout).toMatch(/^refused_reads 1$/m);
    expect(stdout).toMatch(/^written_back_bytes 4096$/m);
    expect(stdout).toMatch(/^process \d+ opens 1 faults [1-9]\d* fault_bytes [1-9]\d* sigbus 0$/m);
  });
});

test('translate tells the place of a dax offset, in a box', () => {
  const { stdout } = runAlone(`${BIND}; ${CLI} translate region1 offset 0x1000 --json`);
  expect(JSON.parse(stdout)).toMatchObject({
    memdev: 'mem1',
    dpa: 0x1000,
    dax: { name: 'dax1.0', offset: 0x1000 },
  });
});
