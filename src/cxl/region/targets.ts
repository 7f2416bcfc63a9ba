/**
 * `target0` to `target15` of a region (`target_store`, `show_targetN`, 7.2).
 */
import { KernelError } from '../../errno.ts';
import type { Attribute, AttributeGroup } from '../../kernfs/attribute.ts';
import { deviceName, sysfsStreq } from '../../kernfs/parse.ts';
import { EndpointDecoder } from '../objects/decoder.ts';
import type { Region } from '../objects/region.ts';
import { attachTarget } from './attach.ts';
import { detachTarget } from './detach.ts';

const MAX_TARGETS = 16;

/**
 * store_targetN(): a lone newline (or NUL) detaches. ENODEV: no such device; EINVAL: not an
 * endpoint decoder.
 */
function storeTarget(region: Region, position: number, text: string): void {
  if (sysfsStreq(text, '\n')) {
    detachTarget(region, position);
    return;
  }
  const name = deviceName(text);
  const device = region.context.bus.device(name);
  if (device === undefined) throw new KernelError('ENODEV', `no device '${name}' on bus cxl`);
  if (!(device.object instanceof EndpointDecoder))
    throw new KernelError('EINVAL', `${name} is not an endpoint decoder`);
  attachOrWarn(region, device.object, position);
}

/** cxl_region_attach() warns of every refusal. */
function attachOrWarn(region: Region, decoder: EndpointDecoder, position: number): void {
  try {
    attachTarget(region, decoder, position);
  } catch (error) {
    if (error instanceof KernelError) {
      const text = `${decoder.name} not attached to ${region.name}: ${error.message}`;
      region.context.kernel.log.print('warn', `cxl_port ${decoder.port.name}: ${text}`);
    }
    throw error;
  }
}

function targetAttribute(position: number): Attribute<Region> {
  return {
    name: `target${position}`,
    mode: 0o644,
    show: (region) => `${region.targets[position]?.name ?? ''}\n`,
    store: (region, text) => storeTarget(region, position, text),
  };
}

const TARGETS = Array.from({ length: MAX_TARGETS }, (_, position) => targetAttribute(position));

/** `target0` to `target<ways - 1>`; made again whenever interleave_ways is written. */
export const TARGET_GROUP: AttributeGroup<Region> = {
  visible: (region, attribute) =>
    TARGETS.indexOf(attribute) < region.interleaveWays ? attribute.mode : 0,
  attributes: TARGETS,
};

/** Adds and removes `targetN` files after interleaveWays changed (`sysfs_update_group`, 7.2). */
export function refreshTargets(region: Region): void {
  region.device?.updateGroup(TARGET_GROUP);
}
