/**
 * Removing an endpoint decoder from its region (`cxl_region_detach`, 7.2). Here the decoders are
 * reset before the region's driver is released, the opposite of `commit` 0 and delete.
 */
import { releaseDriver } from '../../driver-core/attach.ts';
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { Region } from '../objects/region.ts';
import { REGION_STATE } from '../objects/region-state.ts';
import { detachPort } from './attach.ts';
import { resetDecoders } from './commit.ts';
import { refuseWhileKernelMemory } from './safety.ts';
import { tearDownTargets } from './setup.ts';
import { portsUpward } from './topology.ts';

/** `targetN` = newline: success, and nothing done, where the position is empty or out of range. */
export function detachTarget(region: Region, position: number): void {
  const decoder = region.targets[position];
  if (position >= region.interleaveWays || decoder === undefined) return;
  refuseWhileKernelMemory(region, `detaching ${decoder.name}`);
  detachDecoder(decoder);
}

/** cxl_decoder_detach(): takes the decoder out in any state. */
export function detachDecoder(decoder: EndpointDecoder): void {
  const { region } = decoder;
  if (region === undefined) return;
  unlinkDecoder(region, decoder);
  if (region.device !== undefined) releaseDriver(region.device);
}

function unlinkDecoder(region: Region, decoder: EndpointDecoder): void {
  if (region.state > REGION_STATE.active) {
    resetDecoders(region);
    region.state = REGION_STATE.active;
  }
  for (const port of portsUpward(decoder)) detachPort(port, region, decoder);
  if (decoder.position < 0) return;
  if (region.targets[decoder.position] === decoder) region.targets[decoder.position] = undefined;
  if (region.state === REGION_STATE.active) {
    region.state = REGION_STATE.interleaveActive;
    tearDownTargets(region);
  }
  decoder.position = -1;
  decoder.hpa = { start: 0, size: 0 };
}
