/**
 * How a box keeps and serves the memory of dax devices, as its machine description says.
 */
import { mkdirSync } from 'node:fs';
import { addBoxFile } from '../cxlbox-abi/box-file.ts';
import { POISON } from '../cxlbox-abi/poison.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { DaxBacking } from '../platform/dax-backing.ts';
import type { Machine } from '../platform/machine.ts';
import { CheckedContents, SERVED_FOLDER } from './checked.ts';
import type { DaxContents } from './contents.ts';
import { DirectContents } from './direct.ts';
import type { SharedMemory } from './shared-memory.ts';

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

interface OwnContents extends OpenContents {
  readonly contents: DaxContents;
}

/** Contents of the machine's own devices. */
function openOwn(
  kernel: Kernel,
  daxBacking: DaxBacking,
  { daxMemory, media }: DaxMemoryOptions,
  stage: string,
): OwnContents {
  const folder = media ?? `${stage}/media`;
  mkdirSync(folder, { recursive: true });
  if (daxMemory !== 'checked') return { contents: new DirectContents(daxBacking, folder) };
  mkdirSync(`${stage}/dev/${SERVED_FOLDER}`);
  const checked = new CheckedContents(kernel, daxBacking, folder);
  return { contents: checked, checked };
}

async function withShared(
  shared: SharedMemory,
  daxBacking: DaxBacking,
  own: DaxContents,
  { log }: Kernel,
  stage: string,
): Promise<DaxContents> {
  const { SharedContents } = await import('./shared.ts');
  return new SharedContents(shared, daxBacking, own, log, stage);
}

/** `stage`: the folder with `dev` and `media` that ends with the box; `shared`: devices that other hosts have too. */
export async function openContents(
  { kernel, daxBacking }: Machine,
  options: DaxMemoryOptions,
  shared: SharedMemory | undefined,
  stage: string,
): Promise<OpenContents> {
  if (daxBacking === undefined) return {};
  addBoxFile(kernel.root, POISON, { show: () => daxBacking.allPoison() });
  const own = openOwn(kernel, daxBacking, options, stage);
  const contents =
    shared === undefined
      ? own.contents
      : await withShared(shared, daxBacking, own.contents, kernel, stage);
  daxBacking.askOpenOf((name) => contents.isOpen(name));
  daxBacking.onLoss((name) => contents.lose(name));
  return { contents, checked: own.checked };
}
