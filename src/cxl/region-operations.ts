/**
 * The regions of one machine, as decoders and teardown call them.
 */

import { addToAutoRegion } from './firmware/auto-region.ts';
import type { RootDecoder } from './objects/decoder.ts';
import type { RegionContext, RegionOperations } from './objects/region.ts';
import { createRegionByName, deleteRegion, deleteRegionByName } from './region/create.ts';
import { detachDecoder } from './region/detach.ts';

/** `roots` is read when a firmware-made decoder turns up: windows are added during boot. */
export function regionOperations(
  context: RegionContext,
  roots: () => readonly RootDecoder[],
): RegionOperations {
  return {
    createRegion: (root, text, mode) => createRegionByName(context, root, text, mode),
    deleteRegion: (root, text) => deleteRegionByName(root, text),
    detachDecoder,
    deleteAll: (root) => {
      for (const region of [...root.regions.values()].reverse()) deleteRegion(region);
    },
    addToAutoRegion: (decoder) => addToAutoRegion(context, roots(), decoder),
  };
}
