/**
 * A booted machine: what a box serves and a test drives.
 */
import type { Kernel } from '../driver-core/kernel.ts';

export interface Machine {
  readonly kernel: Kernel;
}
