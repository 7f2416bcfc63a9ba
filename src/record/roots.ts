/**
 * Which parts of /sys a dump covers. `*` stands for any part of one name, `**` for any number of
 * names.
 */

/** What recordings watch, on any machine. */
export const WATCHED_ROOTS: readonly string[] = [
  '/sys/bus/cxl',
  '/sys/bus/dax',
  '/sys/devices/platform/ACPI0017:*/root*',
  '/sys/devices/platform/cxl_acpi.*/root*',
  '/sys/devices/platform/hmem.*',
  '/sys/devices/**/mem*',
  '/sys/devices/system/memory',
  '/sys/devices/system/node',
  '/sys/devices/virtual/memory_tiering',
  '/sys/kernel/mm/numa',
  '/sys/kernel/mm/mempolicy',
  '/sys/module/memory_hotplug/parameters',
];

function source(pattern: string): string {
  return pattern
    .split('**')
    .map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'))
    .join('.*');
}

/** Matches just what the pattern names. */
export function exactly(pattern: string): RegExp {
  return new RegExp(`^${source(pattern)}$`);
}

/** True for a path that one of the patterns names, and for all below it. */
export function covers(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => new RegExp(`^${source(pattern)}(?:/|$)`).test(path));
}
