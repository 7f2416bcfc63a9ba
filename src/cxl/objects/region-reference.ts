/**
 * What one region uses of one port on the way to its endpoints (`struct cxl_region_ref`, 7.2).
 */
import type { EndpointDecoder, SwitchDecoder } from './decoder.ts';
import type { Region } from './region.ts';

export class RegionReference {
  readonly region: Region;
  /** The decoder of the port that the region took; at an endpoint, the endpoint's own decoder. */
  readonly decoder: SwitchDecoder | EndpointDecoder;
  /** The endpoint decoders of the region that are reached through this port. */
  readonly endpoints = new Set<EndpointDecoder>();
  /** Distinct downstream targets in use. */
  targets = 0;
  /** Targets programmed so far, during the final setup. */
  targetsSet = 0;

  constructor(region: Region, decoder: SwitchDecoder | EndpointDecoder) {
    this.region = region;
    this.decoder = decoder;
  }
}
