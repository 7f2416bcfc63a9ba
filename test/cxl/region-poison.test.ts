import { describe, expect, it } from 'vitest';
import { boot, loadMachine, MachineClient } from '../../src/index.ts';
import { clientErrnoOf } from '../errno-of.ts';

const DEBUG = '/sys/kernel/debug';

/** A two-way region of 2 x 512 MiB at 256 bytes granularity, bound to cxl_region. */
async function interleaved(): Promise<MachineClient> {
  const client = new MachineClient(boot(loadMachine('direct2')));
  const device = '/sys/bus/cxl/devices';
  await client.write(`${device}/decoder0.0/create_ram_region`, 'region0');
  await client.write(`${device}/region0/interleave_granularity`, '256');
  await client.write(`${device}/region0/interleave_ways`, '2');
  await client.write(`${device}/region0/size`, '0x40000000');
  for (const [position, decoder] of ['decoder2.0', 'decoder3.0'].entries()) {
    await client.write(`${device}/${decoder}/mode`, 'ram');
    await client.write(`${device}/${decoder}/dpa_size`, '0x20000000');
    await client.write(`${device}/region0/target${position}`, decoder);
  }
  await client.write(`${device}/region0/commit`, '1');
  await client.write('/sys/bus/cxl/drivers/cxl_region/bind', 'region0');
  return client;
}

/**
 * DPAs that the memory device lists, as its kernel log line by line says after the list was asked
 * for.
 */
async function poisonOf(client: MachineClient, memdev: string): Promise<string[]> {
  const before = (await client.read(`${DEBUG}/cxlbox/log`)).length;
  await client.write(`/sys/bus/cxl/devices/${memdev}/trigger_poison_list`, '1');
  const lines = (await client.read(`${DEBUG}/cxlbox/log`)).slice(before);
  return [...lines.matchAll(/dpa=(0x[0-9a-f]+)/g)].map((match) => match[1] ?? '');
}

describe('poison at an offset of a region', () => {
  it('lands in the device and at the DPA that the interleave says', async () => {
    const client = await interleaved();
    // Granule 3 of 256 bytes: the second device, its second granule.
    const second =
      (await client.readlink('/sys/bus/cxl/devices/endpoint3/uport')).split('/').at(-1) ?? '';
    await client.write(`${DEBUG}/cxl/region0/inject_poison`, '0x340');
    expect(await poisonOf(client, second)).toEqual(['0x140']);
    await client.write(`${DEBUG}/cxl/region0/clear_poison`, '0x340');
    expect(await poisonOf(client, second)).toEqual([]);
  });

  it.each([
    ['0x40000000', 'EINVAL'],
    ['0x41', 'EINVAL'],
    ['junk', 'EINVAL'],
    ['0x3fffffc0', 'ok'],
  ])('%s: %s', async (offset, expected) => {
    const client = await interleaved();
    expect(await clientErrnoOf(client.write(`${DEBUG}/cxl/region0/inject_poison`, offset))).toBe(
      expected,
    );
  });

  it('is gone with the driver', async () => {
    const client = await interleaved();
    await client.write('/sys/bus/cxl/drivers/cxl_region/unbind', 'region0');
    expect(await client.list(`${DEBUG}/cxl`)).not.toContain('region0');
  });
});
