/**
 * How a box keeps and serves the memory of dax devices, as its machine description says.
 */
import { mkdirSync } from 'node:fs';
import type { Kernel } from '../driver-core/kernel.ts';
import { hex } from '../kernfs/format.ts';
import { KernfsFile } from '../kernfs/node.ts';
import type { DaxBacking } from '../platform/dax-backing.ts';
import { CXLBOX_DEBUGFS } from '../platform/debugfs.ts';
import type { Machine } from '../platform/machine.ts';
import { CheckedContents, SERVED_FOLDER } from './media-checked.ts';
import type { DaxContents } from './media-contents.ts';
import { DirectContents } from './media-direct.ts';

export interface DaxMemoryOptions {
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  /** A folder where contents persist; absolute. Absent: they end with the box. */
  readonly media?: string | undefined;
}

export interface OpenContents {
  readonly contents?: DaxContents | undefined;
  /** Present with `checked`: the server has to know it, and its folder is to be mounted in /dev. */
  readonly checked?: CheckedContents | undefined;
}

/** debugfs `cxlbox/poison`, a line `memN DPA` each: a kernel lists poison by trace events only. */
function addPoisonList(kernel: Kernel, backing: DaxBacking): void {
  const show = (): string =>
    backing
      .allPoison()
      .map(({ memdev, dpa }) => `${memdev} ${hex(dpa)}\n`)
      .join('');
  kernel.directory(CXLBOX_DEBUGFS).add(new KernfsFile('poison', 0o400, { show }, { binary: true, size: 0 }));
}

/** `stage`: the folder with `dev` and `media` that ends with the box. */
export function openContents(
  { kernel, daxBacking }: Machine,
  { daxMemory, media }: DaxMemoryOptions,
  stage: string,
): OpenContents {
  if (daxBacking === undefined) return {};
  addPoisonList(kernel, daxBacking);
  const folder = media ?? `${stage}/media`;
  mkdirSync(folder, { recursive: true });
  if (daxMemory !== 'checked') return { contents: new DirectContents(daxBacking, folder) };
  mkdirSync(`${stage}/dev/${SERVED_FOLDER}`);
  const checked = new CheckedContents(kernel, daxBacking, folder);
  return { contents: checked, checked };
}
