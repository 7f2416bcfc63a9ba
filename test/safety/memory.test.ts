/**
 * Where memory hotplug of Linux is weak: what the box does as Linux, and where it does better.
 */
import { describe, expect, it } from 'vitest';
import { hotpluggedBlocks } from '../properties/actions/memory-actions.ts';
import { MEMORY } from '../properties/sysfs-view.ts';
import { commitRegion, machine, mustWrite, setState, systemRam } from './region.ts';

describe('the type of a refused state write', () => {
  it('decides where the next plain online goes, once, as on Linux', () => {
    const run = machine();
    const [block] = systemRam(run);
    expect(setState(run, block, 'online_kernel')).toBe('ok');
    expect(setState(run, block, 'online_movable')).toBe('EINVAL');
    const online = (): string | undefined => {
      mustWrite(run, `${MEMORY}/${block}/online`, '0');
      mustWrite(run, `${MEMORY}/${block}/online`, '1');
      return run.view.read(`${MEMORY}/${block}/valid_zones`);
    };
    expect([online(), online()]).toEqual(['Movable', 'Normal']);
  });
});

describe('a block with a poisoned page', () => {
  it('cannot go online again until its memory is removed: the next binding knows nothing of it', () => {
    const run = machine();
    commitRegion(run);
    mustWrite(run, `${MEMORY}/auto_online_blocks`, 'online_movable');
    mustWrite(run, '/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
    const blocks = hotpluggedBlocks(run.view);
    const [first] = blocks;
    const size = Number.parseInt(run.view.read(`${MEMORY}/block_size_bytes`) ?? '', 16);
    const address = Number(first?.slice('memory'.length)) * size;
    mustWrite(run, `${MEMORY}/hard_offline_page`, `0x${address.toString(16)}`);
    expect(setState(run, first, 'offline')).toBe('ok');
    expect(setState(run, first, 'online_movable')).toBe('EHWPOISON');
    expect(blocks.slice(1).map((block) => setState(run, block, 'offline'))).toEqual(
      blocks.slice(1).map(() => 'ok'),
    );
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    mustWrite(run, '/sys/bus/dax/drivers/kmem/bind', 'dax0.0');
    expect(
      hotpluggedBlocks(run.view).map((block) => run.view.read(`${MEMORY}/${block}/state`)),
    ).toEqual(blocks.map(() => 'online'));
  });
});

describe('removing memory', () => {
  it('takes all blocks of a range or none', () => {
    const run = machine();
    const blocks = systemRam(run);
    setState(run, blocks.at(-1), 'online_movable');
    mustWrite(run, '/sys/bus/dax/drivers/kmem/unbind', 'dax0.0');
    expect(hotpluggedBlocks(run.view)).toEqual(blocks);
    expect(
      run.machine.kernel.log.lines().some(({ text }) => text.includes('until the next reboot')),
    ).toBe(true);
  });

  it('of a region that goes: what is online stays, its entries move up, and its addresses are not used again', () => {
    const run = machine();
    const [block] = systemRam(run);
    const start = run.view.number('/sys/bus/cxl/devices/region0/resource');
    setState(run, block, 'online_movable');
    mustWrite(run, '/sys/bus/cxl/devices/decoder0.0/delete_region', 'region0');
    expect(run.view.read('/proc/iomem')).toMatch(
      /CXL Window 0\n {2}\w+-\w+ : dax0\.0\n {4}\w+-\w+ : System RAM \(kmem\)/,
    );
    for (const decoder of ['decoder2.0', 'decoder3.0'])
      run.write(`/sys/bus/cxl/devices/${decoder}/dpa_size`, '0');
    commitRegion(run);
    expect(run.view.number('/sys/bus/cxl/devices/region0/resource')).toBeGreaterThan(start);
  });
});
