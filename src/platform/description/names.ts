/**
 * Kernel names by decree: which device becomes memN and endpointN differs from boot to boot,
 * because probing is asynchronous. A recording says which names its boot had.
 */
import type { DeviceDescription, DownstreamPortDescription, MachineDescription } from './types.ts';
import { isSwitch } from './types.ts';

/** By `memN`: which device it is, and its endpoint. */
export type RecordedNames = Readonly<
  Record<string, { readonly pci: string; readonly serial?: string; readonly endpoint?: string }>
>;

interface Ids {
  readonly mem: number;
  readonly endpoint: number | undefined;
}

function idOf(name: string, prefix: string): number {
  const match = new RegExp(`^${prefix}(\\d+)$`).exec(name);
  if (!match) throw new Error(`not a name of the form ${prefix}N: ${name}`);
  return Number(match[1]);
}

function renamePorts(
  ports: readonly DownstreamPortDescription[],
  byPci: ReadonlyMap<string, Ids>,
): DownstreamPortDescription[] {
  return ports.map((port) => {
    const { below } = port;
    if (below === undefined) return port;
    if (isSwitch(below))
      return { ...port, below: { ...below, ports: renamePorts(below.ports, byPci) } };
    return { ...port, below: renamed(below, byPci.get(below.pci)) };
  });
}

function renamed(device: DeviceDescription, ids: Ids | undefined): DeviceDescription {
  return ids === undefined ? device : { ...device, mem: ids.mem, endpoint: ids.endpoint };
}

/**
 * The same machine, its devices named as given; devices that `names` does not mention keep what
 * they had.
 */
export function withNames(
  description: MachineDescription,
  names: RecordedNames,
): MachineDescription {
  const byPci = new Map<string, Ids>();
  for (const [name, { pci, endpoint }] of Object.entries(names)) {
    byPci.set(pci, {
      mem: idOf(name, 'mem'),
      endpoint: endpoint === undefined ? undefined : idOf(endpoint, 'endpoint'),
    });
  }
  const hostBridges = description.hostBridges.map((bridge) => ({
    ...bridge,
    rootPorts: renamePorts(bridge.rootPorts, byPci),
  }));
  return { ...description, hostBridges };
}
