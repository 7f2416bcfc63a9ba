/**
 * Decoders: device physical addresses are disjoint and inside the device, a decoder belongs to one
 * region, and decoder and region say the same of each other.
 */
import {
  CXL_DEVICES,
  cxlDevices,
  DECODER,
  endpointDecoders,
  parentOf,
  REGION,
  type SysfsView,
} from '../sysfs-view.ts';
import { must, mustBeDisjoint, type NamedRange } from './must.ts';

function capacityOf(view: SysfsView, endpoint: string): number {
  const memdev = `${CXL_DEVICES}/${endpoint}/uport`;
  const partitions = ['ram', 'pmem', 'dynamic_ram_a'].map((kind) => `${memdev}/${kind}/size`);
  return partitions
    .filter((path) => view.exists(path))
    .reduce((sum, path) => sum + view.number(path), 0);
}

function checkAllocations(view: SysfsView): void {
  const byEndpoint = new Map<string, NamedRange[]>();
  for (const decoder of endpointDecoders(view)) {
    const size = view.number(`${CXL_DEVICES}/${decoder}/dpa_size`);
    const start = view.number(`${CXL_DEVICES}/${decoder}/dpa_resource`);
    if (size === 0) continue;
    const endpoint = parentOf(view, decoder);
    const end = start + size - 1;
    must(
      end < capacityOf(view, endpoint),
      () => `${decoder} has device addresses beyond the capacity`,
    );
    byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), { name: decoder, start, end }]);
  }
  for (const [endpoint, ranges] of byEndpoint)
    mustBeDisjoint(ranges, `device addresses of ${endpoint}`);
}

function checkTargets(view: SysfsView): void {
  const owner = new Map<string, string>();
  for (const region of cxlDevices(view, REGION)) {
    const path = `${CXL_DEVICES}/${region}`;
    const names = view.names(path, /^target\d+$/);
    const ways = view.number(`${path}/interleave_ways`);
    must(names.length === ways, () => `${region} has ${ways} ways and ${names.length} targets`);
    const targets = names
      .map((name) => view.read(`${path}/${name}`) ?? '')
      .filter((name) => name !== '');
    if (view.read(`${path}/commit`) === '1')
      must(targets.length === ways, () => `${region} is committed and lacks targets`);
    for (const decoder of targets) {
      must(
        !owner.has(decoder),
        () => `${decoder} is a target of ${owner.get(decoder)} and of ${region}`,
      );
      owner.set(decoder, region);
    }
  }
  for (const decoder of endpointDecoders(view)) {
    const shown = view.read(`${CXL_DEVICES}/${decoder}/region`) ?? '';
    const owned = owner.get(decoder) ?? '';
    must(
      shown === owned,
      () => `${decoder} shows region '${shown}', but is a target of '${owned}'`,
    );
    owner.delete(decoder);
  }
  must(owner.size === 0, () => `targets that do not exist: ${[...owner.keys()].join(' ')}`);
}

/** No decoder names a region that is gone, and no two decoders of a port have the same one. */
function checkOwnership(view: SysfsView): void {
  const taken = new Set<string>();
  for (const decoder of cxlDevices(view, DECODER)) {
    const region = view.read(`${CXL_DEVICES}/${decoder}/region`) ?? '';
    if (region === '') continue;
    must(
      view.exists(`${CXL_DEVICES}/${region}`),
      () => `${decoder} belongs to ${region}, which is gone`,
    );
    const key = `${parentOf(view, decoder)} ${region}`;
    must(!taken.has(key), () => `two decoders of ${key}`);
    taken.add(key);
  }
}

function checkCommitted(view: SysfsView): void {
  for (const port of cxlDevices(view, /^(port|endpoint)\d+$/)) {
    const decoders = view.names(`${CXL_DEVICES}/${port}`, DECODER).length;
    const committed = view.number(`${CXL_DEVICES}/${port}/decoders_committed`);
    must(
      committed >= 0 && committed <= decoders,
      () => `${port}: ${committed} of ${decoders} decoders committed`,
    );
  }
}

export function checkDecoders(view: SysfsView): void {
  checkAllocations(view);
  checkTargets(view);
  checkOwnership(view);
  checkCommitted(view);
}
