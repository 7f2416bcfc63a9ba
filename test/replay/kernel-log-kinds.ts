/**
 * The kinds of lines that recorded kernels printed, and what the model says instead. The words are
 * the model's own; what is compared is that it speaks, of the same device and range, at least as
 * often.
 */

export interface Kind {
  readonly recorded: RegExp;
  /**
   * A pattern of the model's line; `{1}`, `{2}` stand for what the groups of `recorded` matched.
   */
  readonly ours: string;
}

export interface Silence {
  readonly recorded: RegExp;
  readonly why: string;
}

const REFUSED = 'write refused';

export const KINDS: readonly Kind[] = [
  {
    recorded: /^Fallback order for Node (\d+): ([\d ]*?) ?$/,
    ours: '^Fallback order for Node {1}: {2} ?$',
  },
  { recorded: /^Built (\d+) zonelists/, ours: '^Built {1} zonelists' },
  { recorded: /^Policy zone: (\w+)/, ours: '^Policy zone: {1}$' },
  {
    recorded: /^Demotion targets for Node (\d+): (.*)$/,
    ours: '^Demotion targets for Node {1}: {2}$',
  },
  // dev_dax_kmem_probe(), dev_dax_kmem_remove()
  {
    recorded: /^(kmem|device_dax) (dax\S+): probe with driver .* failed with error/,
    ours: '^{1} {2}: probe failed: E',
  },
  {
    recorded: /^(kmem|device_dax) (dax\S+): (mapping\d+: \S+) could not reserve/,
    ours: '^{1} {2}: {3} is taken$',
  },
  {
    recorded: /^kmem (dax\S+): (mapping\d+: \S+) cannot be hotremoved/,
    ours: '^kmem {1}: {2} is in use and stays',
  },
  {
    recorded: /^kmem (dax\S+): (mapping\d+: \S+) too small/,
    ours: '^kmem {1}: {2} holds no whole memory block$',
  },
  {
    recorded: /^kmem (dax\S+): rejecting DAX region without/,
    ours: '^kmem {1}: no whole memory block is left$',
  },
  {
    recorded: /^kmem (dax\S+): DAX region truncated by (.*) due to/,
    ours: '^kmem {1}: {2} outside whole',
  },
  {
    recorded: /^device_dax (dax\S+): dynamic-dax with pre-populated/,
    ours: '^device_dax {1}: a page map is left',
  },
  {
    recorded: /^removing memory fails, .* \[0x0*(\w+)-0x0*(\w+)\]/,
    ours: '^memory \\[{1}-{2}\\] is still online',
  },
  {
    recorded: /^page dumped because: unmovable page/,
    ours: '^memory\\d+(?: stays online|: offlining failed): ',
  },
  {
    recorded: /^Memory failure: \w+: recovery action for non struct page/,
    ours: `_offline_page: ${REFUSED}: ENXIO`,
  },
  // CXL
  {
    recorded: /^cxl_port (endpoint\d+): failed to attach (\S+) to (region\d+):/,
    ours: '^cxl_port {1}: {2} not attached to {3}: E',
  },
  {
    recorded: /^cxl (region\d+): Failed to synchronize CPU cache/,
    ours: '^cxl {1}: the CPU caches cannot be flushed$',
  },
  { recorded: /^\s*(pci\S+): host supports CXL/, ours: '^{1}: a host bridge with CXL$' },
  {
    recorded: /^firmware (mem\d+): firmware_loading_store: unexpected value \((-?\d+)\)/,
    ours: '^firmware {1}: {2} in loading',
  },
  // What dynamic debugging prints about a refused write: the reason that the model gives with each.
  {
    recorded: /^synth uevent: (\S+): unknown uevent action/,
    ours: `{1}/uevent: ${REFUSED}: EINVAL`,
  },
  {
    recorded: /^cxl (region\d+): HPA allocation error \(-34\)/,
    ours: `/{1}/size: ${REFUSED}: ERANGE`,
  },
  {
    recorded: /^cxl (region\d+): invalid interleave/,
    ours: `/{1}/interleave_ways: ${REFUSED}: EINVAL`,
  },
  {
    recorded: /^cxl (region\d+): region already active/,
    ours: `/{1}/target\\d+: ${REFUSED}: EBUSY`,
  },
  {
    recorded: /^cxl (region\d+): \S+: missing DPA allocation/,
    ours: `/{1}/target\\d+: ${REFUSED}: ENXIO`,
  },
  {
    recorded: /^cxl (region\d+): \S+-size-\S+ \* ways/,
    ours: `/{1}/target\\d+: ${REFUSED}: EINVAL`,
  },
  { recorded: /^cxl (decoder\S+): unsupported mode/, ours: `/{1}/mode: ${REFUSED}: EINVAL` },
  {
    recorded: /^cxl (decoder\S+): \d+ exceeds available/,
    ours: `/{1}/dpa_size: ${REFUSED}: ENOSPC`,
  },
  {
    recorded: /^cxl (decoder\S+): (?:partition not set|decoder assigned to)/,
    ours: `/{1}/dpa_size: ${REFUSED}: EBUSY`,
  },
  {
    recorded: /^cxl_port \S+: (decoder\S+): expected decoder/,
    ours: `/{1}/dpa_size: ${REFUSED}: EBUSY`,
  },
  {
    recorded: /^cxl_port \S+: (decoder\S+): out of order commit/,
    ours: `commit: ${REFUSED}: EBUSY: {1}: out of order`,
  },
  {
    recorded: /^(cxl\w*region) (\S+): probe with driver .* rejects match -6/,
    ours: '^{1} {2}: rejects match: ENXIO',
  },
  {
    recorded: /^(cxl\w*region) (\S+): probe with driver .* rejects match -19/,
    ours: '^{1} {2}: rejects match: ENODEV',
  },
];

export const SILENCES: readonly Silence[] = [
  {
    recorded: /^(?:ACPI|NUMA): |^acpi\S* |^acpi\/hmat/,
    why: 'firmware tables, read before there is a machine',
  },
  {
    recorded: /uevent: failed to send synthetic uevent/,
    why: 'the second of two lines about one refusal',
  },
  { recorded: /^WARNING: /, why: 'head of a stack dump; the line before it has a counterpart' },
  {
    recorded: /dax_mmap_prepare/,
    why: 'mmap of /dev/dax in a box is served by a file of the host',
  },
  {
    recorded: /dirty shutdown state|Failed to get security state/,
    why: 'the emulated device lacks a mailbox command',
  },
  {
    recorded: /: bus: '\w+': |: driver: '\w+': driver_bound/,
    why: 'dynamic debugging of the driver core',
  },
  {
    recorded: /: probe: -?\d+$|: config state: \d|async probe completed/,
    why: 'dynamic debugging: how a probe ended',
  },
  {
    recorded: /^(?:cxl\w*|platform|nd\w*|pcieport|\s*pci\S+:|dax|\s*dax\S+:|\s*mapping\d+:) ?/,
    why: 'dynamic debugging: progress',
  },
];
