/**
 * Boots memory management: builds the parts in the kernel's order and ties them together.
 */
import { FaultPoint } from '../../driver-core/fault-point.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { MmConfig, NodeRange } from '../config.ts';
import { DEFAULT_PHYSICAL_ADDRESS_BITS } from '../constants.ts';
import { MemoryAdder } from '../hotplug/add-memory.ts';
import type { HotplugContext } from '../hotplug/context.ts';
import { DirectMap } from '../hotplug/direct-map.ts';
import { MemmapAccounting } from '../hotplug/memmap.ts';
import { memmapPages } from '../hotplug/memmap-size.ts';
import { MemoryBlockDevices } from '../hotplug/memory-block-device.ts';
import { MemoryGroups } from '../hotplug/memory-group.ts';
import { MemoryHotplug } from '../hotplug/memory-hotplug.ts';
import { createMemoryFiles, registerMemorySubsystem } from '../hotplug/memory-subsystem.ts';
import { OnlinePolicies } from '../hotplug/online-policy.ts';
import { createParameterFiles, HotplugParameters } from '../hotplug/parameters.ts';
import { MemoryRemover } from '../hotplug/remove-memory.ts';
import { MemoryBlocks } from '../memory-block.ts';
import type { MemoryManagement } from '../memory-management.ts';
import { NodeAccess } from '../node/access.ts';
import { NodeDevices } from '../node/device.ts';
import { Hmat } from '../node/hmat.ts';
import { NodeLookup } from '../node/lookup.ts';
import { addMemorySideCaches } from '../node/memory-side-cache.ts';
import { NodeStates } from '../node/numa-node.ts';
import { PoisonedPages } from '../poisoned-pages.ts';
import { createProcFiles } from '../proc/files.ts';
import { ResourceTree } from '../resource.ts';
import { MemoryTiers } from '../tier/memory-tier.ts';
import { WeightedInterleave } from '../tier/weighted-interleave.ts';
import { createWorkloadFiles } from '../workload/workload-files.ts';
import { Workloads } from '../workload/workloads.ts';
import { Zonelists } from '../zone/zonelist.ts';
import { bootBlocks } from './blocks.ts';
import { useBootMemory } from './usage.ts';
import { bootZones } from './zones.ts';

function bootNodes(config: MmConfig): NodeStates {
  const ids = config.nodes.map((node) => node.id);
  const nodes = new NodeStates(
    [...config.possibleNodes, ...ids],
    config.distances ?? [],
    config.blockSize,
  );
  for (const description of config.nodes) {
    const node = nodes.node(description.id);
    node.cpus = [...description.cpus].sort((a, b) => a - b);
    bootZones(node, description, config);
    useBootMemory(node, nodes.owners);
    if (node.cpus.length > 0) nodes.set('has_cpu', node.id);
    if (node.present > 0) nodes.set('has_memory', node.id);
    if (node.presentKernel > 0) nodes.set('has_normal_memory', node.id);
  }
  for (const nid of config.genericInitiators ?? []) nodes.set('has_generic_initiator', nid);
  return nodes;
}

function bootResources(config: MmConfig): ResourceTree {
  const iomem = new ResourceTree();
  for (const { start, size } of config.systemRam) iomem.request(start, size, 'System RAM');
  return iomem;
}

function bootContext(kernel: Kernel, config: MmConfig, nodes: NodeStates): HotplugContext {
  const parameters = new HotplugParameters(config);
  const zonelists = new Zonelists(nodes, kernel.log);
  const groups = new MemoryGroups(nodes);
  const memmap = new MemmapAccounting(nodes, zonelists);
  const blocks = new MemoryBlocks(config.blockSize);
  bootBlocks(blocks, nodes, config);
  memmap.boot = blocks.count * memmapPages(blocks.pagesPerBlock);
  return {
    kernel,
    blocks,
    nodes,
    groups,
    parameters,
    policies: new OnlinePolicies(nodes, parameters),
    zonelists,
    memmap,
    poison: new PoisonedPages(),
    goingOnline: [],
    steps: new FaultPoint(),
    wentOnline: new FaultPoint(),
  };
}

function bootHotplug(
  context: HotplugContext,
  config: MmConfig,
  parts: {
    readonly iomem: ResourceTree;
    readonly nodeDevices: NodeDevices;
    readonly directMap: DirectMap;
  },
): MemoryHotplug {
  const { kernel } = context;
  const { iomem, nodeDevices, directMap } = parts;
  const subsystem = registerMemorySubsystem(kernel);
  const blockDevices = new MemoryBlockDevices(context, subsystem.bus, subsystem.directory);
  const bits = config.physicalAddressBits ?? DEFAULT_PHYSICAL_ADDRESS_BITS;
  const affinity: NodeRange[] = config.nodes.flatMap((node) =>
    node.memory.map((range) => ({ ...range, nid: node.id })),
  );
  const hotplug = new MemoryHotplug(
    context,
    {
      adder: new MemoryAdder(context, iomem, nodeDevices, directMap, bits),
      remover: new MemoryRemover(context, iomem, nodeDevices, blockDevices, directMap),
      lookup: new NodeLookup(affinity, config.windowNodes ?? []),
    },
    config.autoOnlineBlocks ?? 'offline',
  );
  createMemoryFiles(subsystem.directory, hotplug, { crashHotplug: config.crashHotplug ?? true });
  createParameterFiles(kernel, context.parameters);
  return hotplug;
}

/**
 * A node that exists only because of a window is not a memory target in the firmware's tables:
 * their rows for it describe a port.
 */
function genericPorts({
  genericPortNodes,
  nodes,
  windowNodes = [],
}: MmConfig): ReadonlySet<number> {
  if (genericPortNodes !== undefined) return new Set(genericPortNodes);
  const described = new Set(nodes.map((node) => node.id));
  return new Set(windowNodes.map((range) => range.nid).filter((nid) => !described.has(nid)));
}

/** Performance data first: the distances of the boot nodes depend on it. */
function bootPerformance(
  kernel: Kernel,
  config: MmConfig,
  nodes: NodeStates,
  devices: NodeDevices,
): {
  readonly tiers: MemoryTiers;
  readonly access: NodeAccess;
  readonly interleave: WeightedInterleave;
} {
  const hmat = new Hmat(config, nodes);
  const tiers = new MemoryTiers(kernel, nodes);
  const interleave = new WeightedInterleave(kernel, nodes);
  const ports = genericPorts(config);
  const targets = new Set(
    (config.performance ?? []).map((row) => row.target).filter((nid) => !ports.has(nid)),
  );
  const access = new NodeAccess(kernel, { nodes, devices, hmat, interleave, targets });
  const withMemory = nodes.ids('has_memory');
  for (const nid of withMemory) {
    const own = nodes.hasCpu(nid) ? hmat.access(nid, 1) : undefined;
    if (own !== undefined) tiers.dram.offer(nid, own.coordinates);
  }
  if ((config.performance ?? []).length > 0) {
    tiers.registerDistanceAlgorithm((nid) => {
      const data = hmat.access(nid, 1);
      return data === undefined ? undefined : tiers.distanceOfPerformance(data.coordinates);
    });
  }
  for (const nid of withMemory) {
    tiers.addNode(nid);
    interleave.addNode(nid);
  }
  for (const nid of nodes.ids('online')) access.register(nid);
  addMemorySideCaches(kernel, devices, config.memorySideCaches ?? []);
  return { tiers, access, interleave };
}

/**
 * Everything below /sys/devices/system/{memory,node}, memory tiers, /proc views; boot memory is
 * online afterwards.
 */
export function bootMemoryManagement(kernel: Kernel, config: MmConfig): MemoryManagement {
  const nodes = bootNodes(config);
  const iomem = bootResources(config);
  const directMap = new DirectMap();
  for (const { start, size } of config.systemRam) directMap.map(start, size);
  const context = bootContext(kernel, config, nodes);
  const nodeDevices = new NodeDevices(kernel, nodes, context.blocks);
  for (const { id } of config.nodes) nodeDevices.bringOnline(id);
  for (const id of config.genericInitiators ?? [])
    if (!nodes.isOnline(id)) nodeDevices.bringOnline(id);
  context.zonelists.rebuild();
  const hotplug = bootHotplug(context, config, { iomem, nodeDevices, directMap });
  const { tiers, access, interleave } = bootPerformance(kernel, config, nodes, nodeDevices);
  createProcFiles(kernel, {
    nodes,
    directMap,
    poison: context.poison,
    iomem,
    memmap: context.memmap,
  });
  const workloads = new Workloads({ nodes, zonelists: context.zonelists, interleave });
  createWorkloadFiles(kernel, workloads);
  return { iomem, hotplug, nodes, tiers, access, workloads };
}
