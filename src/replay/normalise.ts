/**
 * What recordings leave out or show loosely: the same is done to the model's side before comparing.
 */
import type { RecordedNode } from './trace.ts';

const DROPPED_COMPONENT =
  /\/(?:power|hugepages|driver_override|firmware_node|physical_node|(?:supplier|consumer):[^/]*|pmu_[^/]*)(?:\/|$)/;
const DROPPED_NODE_FILE =
  /^\/sys\/devices\/system\/node\/node\d+\/(?:meminfo|numastat|vmstat|compact|cpu\d+|x86)(?:\/|$)/;
const DROPPED_ELSEWHERE = /^\/sys\/(?:module\/[^/]+\/refcnt$|bus\/cxl\/drivers\/cxl_pmu(?:\/|$))/;

/** True for a path that no recording shows, and for all below it. */
export function excluded(path: string): boolean {
  return (
    DROPPED_COMPONENT.test(path) || DROPPED_NODE_FILE.test(path) || DROPPED_ELSEWHERE.test(path)
  );
}

const MAJOR_MINOR = /^\d+(:\d+\n?)$/;

/** Majors of dynamic character devices differ from kernel to kernel; minors do not. */
export function withoutMajor(path: string, data: string): string {
  if (path.endsWith('/dev') && MAJOR_MINOR.test(data)) return data.replace(MAJOR_MINOR, 'MAJOR$1');
  return path.endsWith('/uevent') ? data.replace(/^MAJOR=\d+$/m, 'MAJOR=*') : data;
}

const VOLATILE = /<(?:date|volatile|vma|ptr)>/;

/**
 * A recorded text as a test of what was found: the marks <date>, <volatile>, <vma>, <ptr> match
 * anything in a line.
 */
export function matchesRecorded(recorded: string, found: string): boolean {
  if (recorded === found) return true;
  if (!VOLATILE.test(recorded)) return false;
  const pattern = recorded
    .split(/<(?:date|volatile|vma|ptr)>/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\\n]*');
  return new RegExp(`^${pattern}$`).test(found);
}

const STALE_BITS = /\/memory_tier\d+\/nodelist$/;
const HIGHEST_NODE = 63;

/**
 * A tier's node list may show bits that no node can have: the recorded kernel's mask was not
 * cleared behind them.
 */
function withoutStaleBits(path: string, data: string): string {
  if (!STALE_BITS.test(path)) return data;
  const kept = data
    .trimEnd()
    .split(',')
    .filter((range) => Number.parseInt(range, 10) <= HIGHEST_NODE);
  return `${kept.join(',')}\n`;
}

/** True if the model's node is what was recorded. */
export function sameNode(path: string, recorded: RecordedNode, found: RecordedNode): boolean {
  if (recorded.t !== found.t || recorded.to !== found.to) return false;
  if (recorded.mode !== undefined && found.mode !== undefined && recorded.mode !== found.mode)
    return false;
  if (recorded.errno !== found.errno || recorded.at !== found.at) return false;
  if (recorded.data === undefined || found.data === undefined) return recorded.data === found.data;
  return matchesRecorded(
    withoutMajor(path, withoutStaleBits(path, recorded.data)),
    withoutMajor(path, found.data),
  );
}
