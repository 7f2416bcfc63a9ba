/**
 * From what the author wrote to a complete description.
 */
import { DEFAULT_PROFILE } from '../profiles/index.ts';
import { resolveBridges, resolveRegions, resolveWindows } from './resolve-cxl.ts';
import { resolveFaults } from './resolve-faults.ts';
import {
  resolveBoot,
  resolveDistances,
  resolveHmat,
  resolveNodes,
  resolveRange,
} from './resolve-nodes.ts';
import type { RawMachine } from './schema.ts';
import type { MachineDescription } from './types.ts';
import { devicesBelow } from './types.ts';

const DEFAULT_BLOCK_SIZE = 128 * 2 ** 20;

function ascending(ids: Iterable<number>): number[] {
  return [...new Set(ids)].sort((left, right) => left - right);
}

export function resolveMachine(raw: RawMachine, name: string): MachineDescription {
  const abi = raw.abi ?? DEFAULT_PROFILE;
  const nodes = resolveNodes(raw);
  const hostBridges = resolveBridges(raw);
  const windows = resolveWindows(raw, nodes, hostBridges);
  const devices = hostBridges.flatMap((bridge) => [...devicesBelow(bridge.rootPorts)]);
  return {
    name,
    about: raw.about ?? '',
    abi,
    boot: resolveBoot(raw.boot, abi),
    memoryBlockSize: raw.memory_block_size ?? DEFAULT_BLOCK_SIZE,
    physicalAddressBits: raw.physical_address_bits,
    nodes,
    possibleNodes: ascending([
      ...(raw.possible_nodes ?? []),
      ...nodes.map(({ id }) => id),
      ...windows.map(({ node }) => node),
    ]),
    distances: resolveDistances(raw),
    systemRam: raw.system_ram?.map(resolveRange) ?? nodes.flatMap(({ memory }) => memory),
    hmat: resolveHmat(raw.hmat),
    windows,
    hostBridges,
    regions: resolveRegions(raw, windows, devices),
    faults: resolveFaults(raw, devices),
    daxMemory: raw.dax_memory ?? 'direct',
    media: raw.media,
    host: raw.host,
  };
}
