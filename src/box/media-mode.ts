/**
 * How a box keeps and serves the memory of dax devices, as its machine description says.
 */
import { mkdirSync } from 'node:fs';
import type { Machine } from '../platform/machine.ts';
import type { DaxContents } from './media-contents.ts';
import { DirectContents } from './media-direct.ts';

export interface DaxMemoryOptions {
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  /** A folder where contents persist; absolute. Absent: they end with the box. */
  readonly media?: string | undefined;
}

/** Undefined for a machine without memory behind its dax devices. `stageMedia`: a folder that ends with the box. */
export function openContents(
  { daxBacking }: Machine,
  options: DaxMemoryOptions,
  stageMedia: string,
): DaxContents | undefined {
  if (daxBacking === undefined) return undefined;
  const folder = options.media ?? stageMedia;
  mkdirSync(folder, { recursive: true });
  return new DirectContents(daxBacking, folder);
}
