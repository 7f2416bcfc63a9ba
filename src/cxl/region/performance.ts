/**
 * Access coordinates of a region: bandwidth summed and latency maximised over its targets
 * (`cxl_region_perf_data_calculate`, 7.2).
 */
import type { Attribute, AttributeGroup } from '../../kernfs/attribute.ts';
import type { AccessCoordinates } from '../../mm/config.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { Region } from '../objects/region.ts';
import { endpointCoordinates } from '../port/coordinates.ts';

/** access0: nearest initiators of any kind; access1: nearest processors. */
export type AccessClass = 0 | 1;
const ACCESS_CLASSES: readonly AccessClass[] = [0, 1];

/**
 * Adds what a target contributes. The sum is never taken back, not even when the attach fails
 * afterwards.
 */
export function accumulateCoordinates(region: Region, decoder: EndpointDecoder): void {
  const { memdev } = decoder.port;
  if (memdev === undefined) return;
  for (const accessClass of ACCESS_CLASSES) {
    const own = endpointCoordinates(memdev, decoder.mode, accessClass);
    if (own === undefined) continue;
    const sum = region.coordinates[accessClass];
    region.coordinates[accessClass] = {
      readLatency: Math.max(sum?.readLatency ?? 0, own.readLatency),
      writeLatency: Math.max(sum?.writeLatency ?? 0, own.writeLatency),
      readBandwidth: (sum?.readBandwidth ?? 0) + own.readBandwidth,
      writeBandwidth: (sum?.writeBandwidth ?? 0) + own.writeBandwidth,
    };
  }
}

const FIGURES: readonly { readonly name: string; readonly figure: keyof AccessCoordinates }[] = [
  { name: 'read_bandwidth', figure: 'readBandwidth' },
  { name: 'write_bandwidth', figure: 'writeBandwidth' },
  { name: 'read_latency', figure: 'readLatency' },
  { name: 'write_latency', figure: 'writeLatency' },
];

function accessAttribute(
  accessClass: AccessClass,
  name: string,
  figure: keyof AccessCoordinates,
): Attribute<Region> {
  return {
    name,
    mode: 0o444,
    show: (region) => `${region.coordinates[accessClass]?.[figure] ?? 0}\n`,
  };
}

/**
 * `access0/`, `access1/`: empty at creation, since visibility is evaluated then; evaluated again
 * when the region's node gets its first memory.
 */
function accessGroup(accessClass: AccessClass): AttributeGroup<Region> {
  const attributes = FIGURES.map(({ name, figure }) => accessAttribute(accessClass, name, figure));
  const figureOf = new Map(
    attributes.map((attribute, index) => [attribute, FIGURES[index]?.figure]),
  );
  return {
    name: `access${accessClass}`,
    attributes,
    visible: (region, attribute) => {
      const figure = figureOf.get(attribute);
      const value = figure === undefined ? 0 : (region.coordinates[accessClass]?.[figure] ?? 0);
      return value === 0 ? 0 : attribute.mode;
    },
  };
}

export const ACCESS_GROUPS = [accessGroup(0), accessGroup(1)] as const;

/**
 * cxl_region_perf_attrs_callback(): at the first memory of the region's node, the figures of the
 * node are updated and those of the region shown; only the first region of a node ever gets there.
 */
export function publishCoordinates(region: Region, nid: number): void {
  const { mm, nodesWithCoordinates } = region.context;
  if (nodesWithCoordinates.has(nid)) return;
  for (const accessClass of ACCESS_CLASSES) {
    const figures = region.coordinates[accessClass];
    if (figures === undefined) continue;
    nodesWithCoordinates.add(nid);
    mm.access.updateAccess(nid, accessClass, figures);
    region.device?.updateGroup(ACCESS_GROUPS[accessClass]);
  }
}
