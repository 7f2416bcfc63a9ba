/**
 * How large a machine may be. The schema enforces these limits and carries them into the JSON
 * Schema; docs/machine-file.md lists them with their reasons, and a test compares the two.
 */
const GIB = 2 ** 30;
const TIB = 2 ** 40;

export const LIMITS = {
  /** Characters of a machine file. */
  text: 2 ** 20,
  /** Words, signs and spaces that the YAML reader splits a file into. */
  tokens: 100_000,
  /** Lists and maps inside each other. */
  depth: 100,
  /** Keys and items, with aliases and repetitions written out. */
  values: 200_000,
  /** Parts that one repetition stands for. */
  repetitions: 65_536,
  /**
   * First address that does not exist. The model calculates with doubles, which are exact up to
   * here.
   */
  address: 2 ** 52,
  /** Memory of all nodes at boot: what 46 bits of address reach. */
  bootMemory: 64 * TIB,
  /** Memory of all nodes and regions. */
  memory: 128 * TIB,
  /** MIN_MEMORY_BLOCK_SIZE of x86-64. */
  smallestBlock: 2 ** 27,
  /** MEM_SIZE_FOR_LARGE_BLOCK of x86-64: the kernel takes no larger block size. */
  largestBlock: 64 * GIB,
  /** Bits of a physical address. */
  addressBits: 52,
  /** MAX_NUMNODES of x86-64 distributions. */
  nodes: 1024,
  /** NR_CPUS with MAXSMP. */
  cpus: 8192,
  /** A distance is a byte in the SLIT. */
  distance: 255,
  /** Ranges in one list of memory. */
  ranges: 1024,
  hostBridges: 1024,
  /** PCIe port numbers are bytes. */
  ports: 256,
  /** HDM decoders of a component: the most that its capability register can say. */
  decoders: 32,
  devices: 16_384,
  /** CXL_MEM_MAX_DEVS */
  memdevs: 65_536,
  windows: 1024,
  /** Interleave ways: what a decoder register can hold. */
  ways: 16,
  regions: 16_384,
  faults: 1024,
  modules: 64,
} as const;
