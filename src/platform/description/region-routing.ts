/**
 * Which components a region passes, and what each has to decode: the arithmetic of
 * `cxl_port_setup_targets` (7.2) on a description. The model does the same on booted ports
 * (`src/cxl/region-setup.ts`); here it finds out before the boot what could not be routed.
 */
import {
  canInterleave,
  isPowerOfTwo,
  MAX_GRANULARITY,
  MAX_PORT_WAYS,
  routingWays,
} from '../../cxl/address/interleave.ts';
import {
  type DownstreamPortDescription,
  isSwitch,
  type MachineDescription,
  type RegionDescription,
  type WindowDescription,
} from './types.ts';

/** A host bridge or a switch. */
export interface Component {
  readonly what: string;
  readonly decoders: number;
  readonly ports: number;
  /** Undefined for a host bridge. */
  readonly above: Component | undefined;
}

/** A component, and by which of its ports a device is reached. */
interface Step {
  readonly component: Component;
  readonly port: number;
}

/** By name of the device, the host bridge first. */
export type Routes = ReadonlyMap<string, readonly Step[]>;

function* routesBelow(
  component: Component,
  ports: readonly DownstreamPortDescription[],
  above: readonly Step[],
): Iterable<[string, readonly Step[]]> {
  for (const [port, { below }] of ports.entries()) {
    const steps = [...above, { component, port }];
    if (below === undefined) continue;
    if (!isSwitch(below)) {
      yield [below.name, steps];
      continue;
    }
    const inner = {
      what: `the switch ${below.pci}`,
      decoders: below.decoders,
      ports: below.ports.length,
      above: component,
    };
    yield* routesBelow(inner, below.ports, steps);
  }
}

export function routesOf(machine: MachineDescription): Routes {
  return new Map(
    machine.hostBridges.flatMap(({ uid, decoders, rootPorts }) => {
      const what = `host bridge ${uid}`;
      const bridge = { what, decoders, ports: rootPorts.length, above: undefined };
      return [...routesBelow(bridge, rootPorts, [])];
    }),
  );
}

/**
 * The components of the region with the ports that lead to its devices, in order of the devices,
 * bridges first.
 */
export function componentsOf(
  region: RegionDescription,
  routes: Routes,
): Map<Component, ReadonlySet<number>> {
  const components = new Map<Component, Set<number>>();
  const steps = region.devices.map((name) => routes.get(name) ?? []);
  const depth = Math.max(0, ...steps.map(({ length }) => length));
  for (let level = 0; level < depth; level += 1) {
    for (const route of steps) {
      const step = route[level];
      if (step === undefined) continue;
      const ports = components.get(step.component) ?? new Set();
      components.set(step.component, ports.add(step.port));
    }
  }
  return components;
}

/** What is wrong at one component. */
function componentProblem(
  component: Component,
  ways: number,
  above: { readonly ways: number; readonly granularity: number },
): string | undefined {
  const { what } = component;
  const granularity = above.granularity * routingWays(above.ways);
  if (component.decoders === 0 && component.ports > 1)
    return `${what}, which has several ports and no decoders: give it decoders`;
  if (!isPowerOfTwo(ways) || ways > MAX_PORT_WAYS)
    return `devices behind ${ways} ports of ${what}, which can interleave 1, 2, 4 or 8: choose that many devices there`;
  if (granularity > MAX_GRANULARITY)
    return `a granularity of ${granularity} at ${what}, which can have at most ${MAX_GRANULARITY}: choose a smaller granularity`;
  return canInterleave(ways, granularity)
    ? undefined
    : `${ways} ways of ${granularity} bytes at ${what}, which cannot select by an address bit that high: choose a smaller granularity`;
}

/**
 * Devices behind one port have to be as far apart in the list as the interleaving of all levels
 * above says.
 */
function orderProblem(
  region: RegionDescription,
  window: WindowDescription,
  routes: Routes,
  components: ReadonlyMap<Component, ReadonlySet<number>>,
): string | undefined {
  const distanceAt = (component: Component): number => {
    let distance = window.ways;
    for (let at: Component | undefined = component; at !== undefined; at = at.above)
      distance *= components.get(at)?.size ?? 1;
    return distance;
  };
  const portAt = (name: string | undefined, component: Component): number | undefined =>
    routes.get(name ?? '')?.find((step) => step.component === component)?.port;
  for (const component of components.keys()) {
    const placed = new Set<number>();
    const distance = distanceAt(component);
    for (const [position, name] of region.devices.entries()) {
      const port = portAt(name, component);
      if (port === undefined) continue;
      if (placed.has(port) && portAt(region.devices[position - distance], component) !== port)
        return `'${name}' at position ${position} behind a port of ${component.what} that another device has in a place that does not match: take the ports in turn, as in [port 0, port 1, port 0, port 1]`;
      placed.add(port);
    }
  }
  return undefined;
}

/**
 * The first reason why the region's devices cannot be reached as it asks for, as the rest of "found
 * ..."
 */
export function routingProblem(
  region: RegionDescription,
  window: WindowDescription,
  routes: Routes,
): string | undefined {
  const components = componentsOf(region, routes);
  const interleave = new Map<Component, { ways: number; granularity: number }>();
  for (const [component, { size: ways }] of components) {
    const above = (component.above && interleave.get(component.above)) ?? {
      ways: window.ways,
      granularity: region.granularity,
    };
    const problem = componentProblem(component, ways, above);
    if (problem !== undefined) return problem;
    interleave.set(component, { ways, granularity: above.granularity * routingWays(above.ways) });
  }
  return orderProblem(region, window, routes, components);
}

/** Decoders that regions before took, and how far up in the address space they reach. */
export class TakenDecoders {
  private readonly taken = new Map<Component, { count: number; highest: number }>();

  /** Takes one of each component of the region at `start`; the first reason why one has none. */
  take(
    region: RegionDescription,
    start: number,
    components: Iterable<Component>,
  ): string | undefined {
    let problem: string | undefined;
    for (const component of components) {
      const { count, highest } = this.taken.get(component) ?? { count: 0, highest: 0 };
      problem ??= this.problem(component, count, highest > start && !region.firmware);
      this.taken.set(component, {
        count: count + 1,
        highest: region.firmware ? highest : Math.max(highest, start),
      });
    }
    return problem;
  }

  private problem(
    { what, decoders, ports }: Component,
    count: number,
    outOfOrder: boolean,
  ): string | undefined {
    if (outOfOrder)
      return `a region below the address of an earlier one that ${what} decodes too: list regions by address`;
    if (count < Math.max(decoders, 1)) return undefined;
    if (decoders > 0)
      return `a region more than the ${decoders} decoders of ${what}: give it more decoders`;
    const remedy = ports === 1 ? ': give it decoders, such as decoders: 4' : '';
    return `a second region through ${what}, which has no decoders and can route one${remedy}`;
  }
}
