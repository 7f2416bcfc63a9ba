/**
 * Files that are memory: what a dax device is to this server. Programs map them; page faults arrive
 * as READ and dirty pages come back as WRITE, through the page cache of the kernel.
 */
import type { KernfsFile } from '../kernfs/node.ts';

/**
 * One dax device. Offsets and lengths are bytes and multiples of a page, except where a program
 * itself reads.
 */
export interface MemoryFile {
  /** open(2) by process `pid`. KernelError ENXIO: no character driver is bound. */
  open(pid: number): void;
  /** Fills `into` for page faults of process `pid`. KernelError EIO: the process gets SIGBUS. */
  fault(offset: number, into: Buffer, pid: number): void;
  /** Takes pages that were stored to. They may come late, when the device is gone. */
  writeBack(offset: number, bytes: Buffer): void;
  /** The last descriptor and mapping of an open(2) is gone. */
  release(): void;
  /** read(2) or write(2) was refused. */
  refused(operation: 'read' | 'write'): void;
}

/**
 * Pages that the kernel must forget: dirty ones are written back first, and the next access is a
 * fault.
 */
export interface Invalidation {
  readonly node: KernfsFile;
  readonly offset: number;
  /** 0: up to the end. */
  readonly length: number;
}

export interface MemoryFiles {
  fileOf(node: KernfsFile): MemoryFile | undefined;
  /** What became invalid since the last call. */
  takeInvalidations(): readonly Invalidation[];
}
