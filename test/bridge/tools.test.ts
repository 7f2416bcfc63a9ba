// What a memory device tells through its mailbox, by the real tools.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../cxlbox.ts';
import { BOX_USERS, lacksBox, lacksProgram, needs } from '../needs.ts';
import { type Folder, inBoxOf, prepareFolder } from './box-of.ts';

let folder: Folder;
beforeAll(() => {
  folder = prepareFolder();
});
afterAll(() => folder.remove());

interface Memdev {
  readonly memdev: string;
  readonly [key: string]: unknown;
}

/** Every memory device in what `cxl list` prints, by name. */
function memdevs(json: string): Map<string, Memdev> {
  const found = new Map<string, Memdev>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { memdev } = value as Partial<Memdev>;
    if (typeof memdev === 'string') found.set(memdev, value as Memdev);
    for (const each of Object.values(value)) walk(each);
  };
  walk(JSON.parse(json));
  return found;
}

describe.each(BOX_USERS)('cxl of $who', needs(lacksBox(), lacksProgram('cxl')), ({ who }) => {
  const cxl = (script: string): Promise<Outcome> => inBoxOf(who, folder, script);

  test('list -vvv tells all of each device, and has nothing to complain about', async () => {
    const { status, stdout, stderr } = await cxl('cxl list -vvv');
    expect([status, stderr]).toEqual([0, '']);
    const found = memdevs(stdout);
    expect([...found.keys()].sort()).toEqual(['mem0', 'mem1']);
    for (const memdev of found.values()) {
      expect(memdev.health).toMatchObject({
        media_normal: true,
        ext_temperature: 'normal',
        life_used_percent: 0,
        temperature: 23,
        dirty_shutdowns: 0,
      });
      expect(memdev.alert_config).toMatchObject({
        life_used_prog_warn_threshold_writable: true,
        life_used_crit_alert_threshold: 75,
        dev_over_temperature_prog_warn_threshold: 25,
      });
    }
    expect(found.get('mem0')?.partition_info).toMatchObject({
      total_size: 2 ** 31,
      volatile_only_size: 0,
      persistent_only_size: 0,
      partition_alignment_size: 2 ** 28,
    });
    expect(found.get('mem1')?.partition_info).toMatchObject({
      total_size: 2 ** 30,
      volatile_only_size: 2 ** 30,
      partition_alignment_size: 0,
    });
  });

  test('labels are written, read, and cleared, while the device is not in use', async () => {
    const { status, stdout, stderr } = await cxl(`
      set -e
      cd $(mktemp -d)
      head -c 65536 /dev/urandom > written
      if cxl write-labels -i written mem0; then exit 9; fi
      cxl disable-memdev -f mem0
      cxl write-labels -i written mem0
      cxl read-labels -o read mem0
      cxl enable-memdev mem0
      cxl read-labels -o enabled mem0
      cmp written read
      cmp written enabled
      cxl disable-memdev -f mem0
      cxl write-labels -i /dev/stdin -O 4096 -s 4 mem0 << END
new
END
      cxl read-labels -O 4096 -s 4 mem0
      cxl zero-labels mem0
      cxl read-labels mem0 | tr -d '\\0' | wc -c
      rm written read enabled; rmdir $PWD`);
    expect([status, stdout]).toEqual([0, 'new\n0\n']);
    expect(stderr).toContain('has active nvdimm bridge');
  });

  test('a device without labels says so', async () => {
    const { status, stderr } = await cxl(
      'cxl disable-memdev -f mem1; cxl write-labels -s 1 -i /dev/zero mem1',
    );
    expect(status).not.toBe(0);
    expect(stderr).toContain('mem1');
  });

  test('set-partition takes effect when the device has been without power', async () => {
    const { status, stdout } = await cxl(`
      set -e
      cxl disable-memdev -f mem0
      cxl set-partition -t pmem -s 512M mem0 | grep next
      cat /sys/bus/cxl/devices/mem0/*/size
      function=$(basename $(readlink -f /sys/bus/cxl/devices/mem0/..))
      cxlbox fault remove $function > /dev/null
      cxlbox fault clear all > /dev/null
      cat /sys/bus/cxl/devices/mem0/*/size`);
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      '"next_volatile_size":1610612736,',
      '"next_persistent_size":536870912',
      ...['0x40000000', '0x40000000', '0x20000000', '0x60000000'],
      '',
    ]);
    expect(status).toBe(0);
  });

  test('a device that comes back has its node again, and answers', async () => {
    const { status, stdout, stderr } = await cxl(`
      set -e
      function=$(basename $(readlink -f /sys/bus/cxl/devices/mem0/..))
      echo $function > /sys/bus/pci/drivers/cxl_pci/unbind
      ls /dev/cxl
      echo $function > /sys/bus/pci/drivers/cxl_pci/bind
      cxl list -m mem0 -H | grep media_normal`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(' ', '')).toBe('mem1\n"media_normal":true,\n');
  });
});
