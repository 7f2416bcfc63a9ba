/**
 * What `cxlbox memory` shows of a machine.
 */
import type { BlockRange } from '../common/block-ranges.ts';

/** Bytes throughout. */
export interface ZoneView {
  readonly name: string;
  readonly present: number;
  readonly managed: number;
  readonly free: number;
}

export interface NodeView {
  readonly id: number;
  readonly cpus: string;
  /** N of memory_tierN; absent for a node without memory. */
  readonly tier: number | undefined;
  readonly zones: readonly ZoneView[];
  readonly online: number;
  readonly offline: number;
}

/** What page structures cost, bytes. */
export interface MemmapView {
  /** `memmap_on_memory` of the system. */
  readonly policy: string | undefined;
  /** Of memory that was there at boot. */
  readonly boot: number;
  /** Of memory that was added later. */
  readonly hotplugged: number;
  /** The part of `hotplugged` that lies in the online blocks that it describes. */
  readonly inOwnBlocks: number;
}

/** A dax device that is system memory. */
export interface DaxMemoryView {
  readonly name: string;
  readonly node: number;
  readonly first: number;
  readonly last: number;
  readonly online: number;
  /** Whether its blocks host their own page structures. */
  readonly memmapOnMemory: boolean;
}

export interface MemoryView {
  readonly blockSize: number;
  readonly nodes: readonly NodeView[];
  readonly blocks: readonly BlockRange[];
  readonly memmap: MemmapView;
  readonly devices: readonly DaxMemoryView[];
  readonly blockers: readonly Blocker[];
}

export interface Blocker {
  /** What is kept: `memory0-15`, `node1`, `dax0.0`. */
  readonly what: string;
  /** How certain it is: `refused`, `never`, `likely`. */
  readonly verdict: 'refused' | 'never' | 'likely' | 'first';
  readonly why: string;
}
