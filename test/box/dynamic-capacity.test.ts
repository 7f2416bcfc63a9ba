// Dynamic capacity under programs, in boxes: what is mapped cannot be released, what is taken by
// force is SIGBUS.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed, ROOT } from '../cxlbox.ts';
import { lacksProgram, needs } from '../needs.ts';
import { boxOfSuite, opening } from './open-box.ts';

const MACHINE = `
nodes: [{memory: [{base: 0x0, size: 2GiB}], cpus: 0}]
windows: [{base: 0x190000000, size: 4GiB, targets: [12]}]
host_bridges: [{uid: 12, root_ports: [{device: pool}]}]
devices: {pool: {dynamic_ram_a: 2GiB}}
regions: [{devices: [pool], type: dynamic_ram_a, driver: cxl_devdax_region}]
`;
const CAPACITY = '/sys/kernel/debug/cxlbox/capacity/mem0';
const M256 = '0x10000000';
const TAG = '11111111-2222-3333-4444-555555555555';

/** Takes by force what a test has left, and lets the driver begin anew. */
const RELEASE = `cd ${CAPACITY}; while read -r start size rest; do echo $start $size force > release
done < extents; cd /sys/bus/cxl/drivers/cxl_devdax_region; echo region0 > unbind; echo region0 > bind`;

let folder: string;
let machine: string;
let map: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-capacity-'));
  [machine, map] = [join(folder, 'dynamic.yaml'), join(folder, 'dax-map')];
  writeFileSync(machine, MACHINE);
  if (!installed('cc')) return;
  const { status, stderr } = spawnSync('cc', [
    '-O2',
    '-o',
    map,
    join(ROOT, 'examples', 'dax-map.c'),
  ]);
  if (status !== 0) throw new Error(String(stderr));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMPILER = needs(lacksProgram('cc'));

describe.each(['direct', 'checked'])('%s', (mode) => {
  // The machine file is written before the first test.
  const box = boxOfSuite(() => opening(['--machine', machine, '--dax-memory', mode]), {
    restore: RELEASE,
  });

  test('a mapped extent is not released; an unmapped one is', COMPILER, async () => {
    const release = `'run:/bin/echo 0 ${M256} 2>&1 > ${CAPACITY}/release; true'`;
    const { stdout } = await box(`
      echo 0 ${M256} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x200000 store:0:kept ${release} load:0:4
      cat ${CAPACITY}/extents
      echo 0 ${M256} > ${CAPACITY}/release
      cat ${CAPACITY}/extents; ls /dev | grep -c dax0.0`);
    expect(stdout).toMatch(/Device or resource busy\n.*loaded kept\n0x0 0x10000000\n0\n$/s);
  });

  test('an extent that is only open is in use as well', COMPILER, async () => {
    const { stderr, stdout } = await box(`
      echo 0 ${M256} > ${CAPACITY}/add
      exec 9< /dev/dax0.0
      /bin/echo 0 ${M256} > ${CAPACITY}/release
      exec 9<&-
      /bin/echo 0 ${M256} > ${CAPACITY}/release; cat ${CAPACITY}/extents`);
    expect([stderr.match(/busy/g)?.length, stdout]).toEqual([1, '']);
  });

  test('what is taken by force is SIGBUS', COMPILER, async () => {
    const force = `'run:echo 0 ${M256} force > ${CAPACITY}/release; true'`;
    const { stdout } = await box(`
      echo 0 ${M256} ${M256} ${M256} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x200000 store:0:lost ${force} load:0:4
      ${map} /dev/dax0.1 0x200000 store:0:kept load:0:4`);
    expect(stdout).toBe('loaded SIGBUS at 0\nloaded kept\n');
  });

  test.each([
    ['one piece', `0 ${M256}`],
    ['two pieces', `0x20000000 ${M256} 0 ${M256} tag=${TAG}`],
  ])(
    'whoever gets next what force took finds zeroes, in %s',
    needs(lacksProgram('cc')),
    async (_, extents) => {
      const drivers = '/sys/bus/cxl/drivers/cxl_devdax_region';
      const force = `'run:echo 0 ${M256} force > ${CAPACITY}/release; true'`;
      const { stdout } = await box(`
      echo ${extents} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x200000 store:0:lost store:0x1000:lost load:0:4 ${force} load:0:4
      echo region0 > ${drivers}/unbind; echo region0 > ${drivers}/bind
      echo ${extents} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x200000 load:0:4 load:0x1000:4`);
      expect(stdout).toBe('loaded lost\nloaded SIGBUS at 0\nloaded ....\nloaded ....\n');
    },
  );

  test(
    'contents stay with the memory device: another driver, another allocation',
    COMPILER,
    async () => {
      const { stdout } = await box(`
      echo 0 ${M256} ${M256} ${M256} tag=${TAG} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x20000000 store:0x10001000:second
      echo 0 ${M256} > ${CAPACITY}/release
      echo ${M256} ${M256} > ${CAPACITY}/add
      ${map} /dev/dax0.0 0x200000 load:0x1000:6`);
      expect(stdout).toBe('loaded second\n');
    },
  );
});
