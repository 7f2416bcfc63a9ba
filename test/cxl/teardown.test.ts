import { beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, exists, list, outcome, read, write } from './files.ts';
import { bootMachine, type CxlMachine, TOPOLOGIES } from './topologies.ts';

const DECODERS = [0, 1, 2, 3];
const MEM = 'bus/cxl/drivers/cxl_mem';
const PORT = 'bus/cxl/drivers/cxl_port';
const ACPI = 'bus/platform/drivers/cxl_acpi';

function endpointAdded(id: number, memdev: string): string[] {
  const decoders = DECODERS.map((each) => `add decoder${id}.${each}`);
  return [`add endpoint${id}`, ...decoders, `bind endpoint${id}`, `bind ${memdev}`];
}

function endpointRemoved(id: number): string[] {
  const decoders = DECODERS.map((each) => `remove decoder${id}.${each}`).reverse();
  return [...decoders, `unbind endpoint${id}`, `remove endpoint${id}`];
}

function portDecoders(action: string, id: number): string[] {
  return DECODERS.map((each) => `${action} decoder${id}.${each}`);
}

/** A committed and bound region of one target. */
function makeRegion(machine: CxlMachine, decoder: string): void {
  const region = 'bus/cxl/devices/region0';
  write(machine, 'bus/cxl/devices/decoder0.0/create_ram_region', 'region0');
  write(machine, `${region}/interleave_granularity`, '256');
  write(machine, `${region}/interleave_ways`, '1');
  write(machine, `${region}/size`, '0x40000000');
  write(machine, `bus/cxl/devices/${decoder}/mode`, 'ram');
  write(machine, `bus/cxl/devices/${decoder}/dpa_size`, '0x40000000');
  write(machine, `${region}/target0`, decoder);
  write(machine, `${region}/commit`, '1');
  write(machine, 'bus/cxl/drivers/cxl_region/bind', 'region0');
}

describe('direct2', () => {
  let machine: CxlMachine;
  beforeEach(() => {
    machine = bootMachine(TOPOLOGIES.direct2);
  });

  it('unbinding a memdev takes its endpoint down, and binding brings it back', () => {
    expect(eventsOf(machine, () => write(machine, `${MEM}/unbind`, 'mem0'))).toEqual([
      ...endpointRemoved(2),
      'unbind mem0',
    ]);
    expect(exists(machine, 'bus/cxl/devices/mem0/trigger_poison_list')).toBe(false);
    expect(exists(machine, 'kernel/debug/cxl/mem0')).toBe(false);
    expect(exists(machine, 'bus/cxl/devices/port1/dport1')).toBe(true);
    expect(eventsOf(machine, () => write(machine, `${MEM}/bind`, 'mem0'))).toEqual(
      endpointAdded(2, 'mem0'),
    );
    expect(exists(machine, 'bus/cxl/devices/mem0/trigger_poison_list')).toBe(true);
  });

  it('unbinding an endpoint unbinds its memdev later', () => {
    expect(eventsOf(machine, () => write(machine, `${PORT}/unbind`, 'endpoint3'))).toEqual([
      ...endpointRemoved(3).slice(0, -1),
      'remove endpoint3',
      'unbind mem1',
    ]);
    expect(outcome(machine, `${MEM}/bind`, 'mem1')).toBe('ok');
  });

  it('refuses to bind a memdev while its detach is pending', () => {
    const memdev = machine.cxl.memdevs.get(1);
    write(machine, `${MEM}/unbind`, 'mem1');
    if (memdev !== undefined) memdev.detachPending = true;
    expect(outcome(machine, `${MEM}/bind`, 'mem1')).toBe('EBUSY');
  });

  it('unbinding a host bridge port takes all below it in reverse order of creation', () => {
    expect(eventsOf(machine, () => write(machine, `${PORT}/unbind`, 'port1'))).toEqual([
      ...endpointRemoved(3),
      ...endpointRemoved(2),
      ...portDecoders('remove', 1).reverse(),
      'unbind port1',
      'unbind mem1',
      'unbind mem0',
    ]);
    expect(outcome(machine, `${MEM}/bind`, 'mem0')).toBe('ENXIO');
    write(machine, `${PORT}/bind`, 'port1');
    expect(
      list(machine, 'bus/cxl/devices/port1').filter((name) => /^(dport|decoder)\d/.test(name)),
    ).toEqual([]);
    expect(eventsOf(machine, () => write(machine, `${MEM}/bind`, 'mem1'))).toEqual([
      ...portDecoders('add', 1),
      ...endpointAdded(2, 'mem1'),
    ]);
  });

  it('unbinding ACPI0017 takes the whole topology, windows and regions included', () => {
    makeRegion(machine, 'decoder3.0');
    const events = eventsOf(machine, () => write(machine, `${ACPI}/unbind`, 'ACPI0017:00'));
    expect(events).toEqual([
      'remove ndctl0',
      'unbind ndbus0',
      'remove ndbus0',
      'unbind nvdimm-bridge0',
      'remove nvdimm-bridge0',
      'remove decoder3.3',
      'remove decoder3.2',
      'remove decoder3.1',
      'unbind region0',
      'remove decoder3.0',
      'unbind endpoint3',
      'remove endpoint3',
      ...endpointRemoved(2),
      ...portDecoders('remove', 1).reverse(),
      'unbind port1',
      'remove port1',
      'remove region0',
      'remove decoder0.0',
      'unbind mem1',
      'unbind mem0',
      'remove root0',
    ]);
    expect(list(machine, 'bus/cxl/devices')).toEqual(['mem0', 'mem1']);
    expect(machine.iomem.render()).toBe('');
    expect(outcome(machine, `${MEM}/bind`, 'mem0')).toBe('ENXIO');
  });

  it('binding ACPI0017 again finds all, and decoders remember their last target', () => {
    makeRegion(machine, 'decoder2.0');
    expect(read(machine, 'bus/cxl/devices/decoder1.0/target_list')).toBe('1\n');
    write(machine, `${ACPI}/unbind`, 'ACPI0017:00');
    write(machine, `${ACPI}/bind`, 'ACPI0017:00');
    expect(read(machine, 'bus/cxl/devices/decoder0.0/create_ram_region')).toBe('region0\n');
    expect(read(machine, 'bus/cxl/devices/decoder1.0/target_list')).toBe('1\n');
    expect(read(machine, 'bus/cxl/devices/decoder1.1/target_list')).toBe('0\n');
    expect(read(machine, 'bus/cxl/devices/decoder1.0/size')).toBe('0x0\n');
    expect(machine.cxl.memdevs.get(0)?.endpoint?.name).toBe('endpoint2');
  });

  it('a region outlives its member', () => {
    makeRegion(machine, 'decoder2.0');
    write(machine, `${MEM}/unbind`, 'mem0');
    expect(read(machine, 'bus/cxl/devices/region0/commit')).toBe('0\n');
    expect(read(machine, 'bus/cxl/devices/region0/target0')).toBe('\n');
    expect(read(machine, 'bus/cxl/devices/port1/decoders_committed')).toBe('0\n');
    expect(machine.iomem.render()).toContain('region0');
  });

  it('removing the PCI function takes memdev and chardev; a rescan brings them back under the same number', () => {
    const pci = 'devices/pci0000:0c/0000:0c:01.0/0000:0e:00.0';
    const nodes = (): string[] => machine.kernel.devtmpfs.list().map(({ name }) => name);
    expect(nodes()).toContain('cxl/mem0');
    write(machine, `${pci}/remove`, '1');
    expect(exists(machine, pci)).toBe(false);
    expect(nodes()).not.toContain('cxl/mem0');
    expect(exists(machine, 'class/firmware/mem0')).toBe(false);
    write(machine, 'bus/pci/rescan', '1');
    expect(read(machine, `${pci}/mem0/serial`)).toBe('0x1001\n');
    expect(machine.cxl.memdevs.get(0)?.endpoint?.name).toBe('endpoint2');
  });

  it('removing a root port takes what is below it, and it can come back', () => {
    write(machine, 'devices/pci0000:0c/0000:0c:01.0/remove', '1');
    expect(
      list(machine, 'bus/cxl/devices/port1').filter((name) => name.startsWith('dport')),
    ).toEqual(['dport0']);
    write(machine, 'bus/pci/rescan', '1');
    expect(machine.cxl.memdevs.get(0)?.endpoint?.parentDport?.id).toBe(1);
  });

  it('unbinding cxl_pci takes the memdev, binding makes it anew', () => {
    write(machine, 'bus/pci/drivers/cxl_pci/unbind', '0000:0d:00.0');
    expect(exists(machine, 'bus/cxl/devices/mem1')).toBe(false);
    write(machine, 'bus/pci/drivers/cxl_pci/bind', '0000:0d:00.0');
    expect(machine.cxl.memdevs.get(1)?.endpoint?.name).toBe('endpoint3');
  });

  it('modules are unloaded and loaded as their uses allow', () => {
    const { modules, memdevs } = machine.cxl;
    modules.unload('cxl_acpi');
    expect(() => modules.unload('cxl_mem')).toThrow('in use by: cxl_pci');
    modules.unload('cxl_pci');
    modules.unload('cxl_mem');
    expect(memdevs.size).toBe(0);
    expect(exists(machine, 'bus/cxl/drivers/cxl_mem')).toBe(false);
    modules.load('cxl_pci');
    machine.kernel.work.settle();
    expect([...memdevs.values()].map(({ endpoint }) => endpoint)).toEqual([undefined, undefined]);
    modules.load('cxl_acpi');
    machine.kernel.work.settle();
    expect(memdevs.get(0)?.endpoint?.name).toBe('endpoint2');
  });
});

describe('switch2', () => {
  let machine: CxlMachine;
  beforeEach(() => {
    machine = bootMachine(TOPOLOGIES.switch2);
  });

  it('a switch port goes with its last memdev, the host bridge port stays', () => {
    write(machine, `${MEM}/unbind`, 'mem0');
    expect(exists(machine, 'bus/cxl/devices/port2')).toBe(true);
    expect(eventsOf(machine, () => write(machine, `${MEM}/unbind`, 'mem1'))).toEqual([
      ...endpointRemoved(3),
      ...portDecoders('remove', 2).reverse(),
      'unbind port2',
      'remove port2',
      'unbind mem1',
    ]);
    expect(exists(machine, 'bus/cxl/devices/port1/dport0')).toBe(true);
  });

  it('comes back with the ids that are free', () => {
    for (const memdev of ['mem0', 'mem1']) write(machine, `${MEM}/unbind`, memdev);
    write(machine, `${MEM}/bind`, 'mem0');
    expect(machine.cxl.memdevs.get(0)?.endpoint?.name).toBe('endpoint3');
    expect(
      list(machine, 'bus/cxl/devices/port2').filter((name) => name.startsWith('dport')),
    ).toEqual(['dport1']);
    expect(read(machine, 'bus/cxl/devices/decoder2.0/target_list')).toBe('\n');
  });
});

describe('mixed', () => {
  it('the nvdimm follows its memdev: endpoint first, then pmem and nmem', () => {
    const machine = bootMachine(TOPOLOGIES.mixed);
    expect(eventsOf(machine, () => write(machine, `${MEM}/unbind`, 'mem0'))).toEqual([
      ...endpointRemoved(3),
      'unbind nmem0',
      'remove nmem0',
      'unbind pmem0',
      'remove pmem0',
      'unbind mem0',
    ]);
    expect(eventsOf(machine, () => write(machine, `${MEM}/bind`, 'mem0'))).toEqual([
      'add pmem0',
      'bind pmem0',
      ...endpointAdded(3, 'mem0'),
      'add nmem0',
      'bind nmem0',
    ]);
  });

  it('a memdev with persistent capacity stays unbound without a window for it', () => {
    const config = TOPOLOGIES.mixed;
    if (config === undefined) throw new Error('no topology mixed');
    const windows = config.windows.map((window) => ({
      ...window,
      capabilities: { ...window.capabilities, pmem: false },
    }));
    const machine = bootMachine({ ...config, windows });
    expect(machine.cxl.memdevs.get(0)?.endpoint).toBeUndefined();
    expect(machine.cxl.memdevs.get(1)?.endpoint?.name).toBe('endpoint2');
    expect(outcome(machine, `${MEM}/bind`, 'mem0')).toBe('ENODEV');
    expect(exists(machine, 'bus/cxl/devices/nvdimm-bridge0')).toBe(false);
    expect(exists(machine, 'bus/cxl/devices/decoder0.0/create_pmem_region')).toBe(false);
  });
});
