/**
 * From a path of one machine to the path pattern that documentation gives: numbers become letters,
 * a device is named by its bus or class and not by where it hangs.
 */
import type { KernfsDirectory } from '../kernfs/node.ts';

interface Rule {
  readonly name: RegExp;
  readonly pattern: string;
}

/** Of one component; the first that matches counts. */
const RULES: readonly Rule[] = [
  { name: /^pci[0-9a-f]{4}:[0-9a-f]{2}$/, pattern: 'pciDDDD:BB' },
  { name: /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d$/, pattern: 'DDDD:BB:DD.F' },
  { name: /^(ACPI\d{4}|LNXSYSTM|LNXSYBUS):\d+$/, pattern: '$1:NN' },
  { name: /^decoder\d+\.\d+$/, pattern: 'decoderP.N' },
  { name: /^dax\d+\.\d+$/, pattern: 'daxR.N' },
  { name: /^extent\d+\.\d+$/, pattern: 'extentR.N' },
  { name: /^mapping\d+$/, pattern: 'mappingK' },
  { name: /^\d+:\d+$/, pattern: 'MAJOR:MINOR' },
  // Two classes of access, not the first two of many.
  { name: /^access[01]$/, pattern: '$&' },
  {
    name: /^(region|dax_region|pmem_region|sysram_region|endpoint|port|root|mem|pmem|dport|node|memory|nvdimm-bridge|ndbus|ndctl|nmem|dimm|target|memory_tier|cpu|index|btt|dax_seed|pfn|namespace_seed|mapping|hmem\.)\d+$/,
    pattern: '$1N',
  },
];

export function componentPattern(name: string): string {
  const rule = RULES.find((each) => each.name.test(name));
  return rule === undefined ? name : name.replace(rule.name, rule.pattern);
}

/**
 * `/sys/bus/cxl/devices/regionN` for the directory of a device; undefined for other directories.
 */
export function devicePattern(directory: KernfsDirectory): string | undefined {
  const link = directory.lookup('subsystem');
  if (link?.kind !== 'link') return undefined;
  const [, kind, name] = /\/(bus|class)\/([^/]+)$/.exec(link.read()) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const folder = kind === 'bus' ? `bus/${name}/devices` : `class/${name}`;
  return `/sys/${folder}/${componentPattern(directory.name)}`;
}
