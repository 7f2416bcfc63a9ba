/**
 * Access coordinates of an endpoint: the device's own figures, combined with those of the links and
 * switches on the way and of the generic port at the host bridge
 * (`cxl_endpoint_get_perf_coordinates`, 7.2).
 */
import type { AccessCoordinates } from '../../mm/config.ts';
import type { Memdev } from '../objects/memdev.ts';
import type { PartitionMode } from '../objects/partition.ts';
import type { Port } from '../objects/port.ts';

/**
 * What one link adds: a 68-byte flit at 4000 MB/s (32 GT/s, one lane). The kernel counts it in
 * picoseconds and adds it to nanoseconds; its sysfs shows 17200 where 217 was meant, and so do we.
 */
const LINK_LATENCY = 17000;

function combine(a: AccessCoordinates, b: AccessCoordinates): AccessCoordinates {
  return {
    readLatency: a.readLatency + b.readLatency,
    writeLatency: a.writeLatency + b.writeLatency,
    readBandwidth: Math.min(a.readBandwidth, b.readBandwidth),
    writeBandwidth: Math.min(a.writeBandwidth, b.writeBandwidth),
  };
}

function symmetric(latency: number, bandwidth: number): AccessCoordinates {
  return {
    readLatency: latency,
    writeLatency: latency,
    readBandwidth: bandwidth,
    writeBandwidth: bandwidth,
  };
}

/** What the way from `port`'s downstream side through `port` adds. */
function hop(port: Port): AccessCoordinates {
  const through = port.switchPerformance;
  return symmetric(
    LINK_LATENCY + (through?.latency ?? 0),
    through?.bandwidth ?? Number.MAX_SAFE_INTEGER,
  );
}

/**
 * Figures of a partition as seen from the nearest initiators (access class 0) or processors (1).
 * Undefined while the memdev has no endpoint, without CDAT, or where firmware describes no generic
 * port.
 */
export function endpointCoordinates(
  memdev: Memdev,
  mode: PartitionMode | 'none',
  accessClass: 0 | 1,
): AccessCoordinates | undefined {
  let sum = memdev.hardware.layout.find((each) => each.mode === mode)?.performance;
  for (
    let port = memdev.endpoint?.parent;
    port !== undefined && sum !== undefined;
    port = port.parent
  ) {
    sum = combine(sum, hop(port));
    if (port.kind !== 'host-bridge') continue;
    const genericPort = port.parentDport?.genericPort?.[accessClass];
    return genericPort === undefined ? undefined : combine(sum, genericPort);
  }
  return undefined;
}
