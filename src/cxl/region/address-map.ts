/**
 * The address arithmetic of regions as they are: which places in which memory devices a host
 * physical range is.
 */

import type { RegionMap, RegionTarget } from '../address/address.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import { hardwareName } from '../objects/memory-hardware.ts';
import type { Region } from '../objects/region.ts';
import type { CxlSubsystem } from '../subsystem.ts';

function targetOf(decoder: EndpointDecoder | undefined): RegionTarget | undefined {
  const memdev = decoder?.port.memdev;
  if (decoder?.dpa === undefined || memdev === undefined) return undefined;
  return { device: hardwareName(memdev.hardware.config), dpa: decoder.dpa.start };
}

/**
 * The region's map, with devices by hardware name; undefined while it lacks its range or a target.
 */
export function regionMapOf(subsystem: CxlSubsystem, region: Region): RegionMap | undefined {
  const targets = Array.from(region.targets, targetOf).filter((target) => target !== undefined);
  if (
    region.resource === undefined ||
    targets.length !== region.interleaveWays ||
    targets.length === 0
  )
    return undefined;
  const window = subsystem.config.windows.find(({ base }) => base === region.root.hpa.start);
  return {
    start: region.resource.start,
    size: region.size,
    ways: region.interleaveWays,
    granularity: region.interleaveGranularity,
    targets,
    xorMaps: window?.xorMaps ?? [],
  };
}

/** The map of the region that decodes a host physical address. */
export function regionMapAt(subsystem: CxlSubsystem, hpa: number): RegionMap | undefined {
  for (const { regions } of subsystem.rootDecoders) {
    for (const region of regions.values()) {
      const { resource } = region;
      if (resource === undefined || hpa < resource.start || hpa > resource.end) continue;
      return regionMapOf(subsystem, region);
    }
  }
  return undefined;
}
