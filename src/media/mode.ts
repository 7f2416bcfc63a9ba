/**
 * How a box keeps and serves the memory of dax devices, as its machine description says.
 */
import { mkdirSync } from 'node:fs';
import { addBoxFile } from '../cxlbox-abi/box-file.ts';
import { POISON } from '../cxlbox-abi/poison.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { DaxHardware } from '../platform/dax-hardware.ts';
import type { Machine } from '../platform/machine.ts';
import { CheckedDaxFiles, SERVED_FOLDER } from './checked.ts';
import type { DaxFiles } from './dax-files.ts';
import { DirectDaxFiles } from './direct.ts';
import type { SharedMemory } from './shared-memory.ts';

export interface DaxMemoryOptions {
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  /** A folder where contents persist; absolute. Absent: they end with the box. */
  readonly media?: string | undefined;
}

export interface OpenContents {
  readonly contents?: DaxFiles | undefined;
  /** Present with `checked`: the server has to know it, and its folder is to be mounted in /dev. */
  readonly checked?: CheckedDaxFiles | undefined;
}

interface OwnContents extends OpenContents {
  readonly contents: DaxFiles;
}

/** Contents of the machine's own devices. */
function openOwn(
  kernel: Kernel,
  daxHardware: DaxHardware,
  { daxMemory, media }: DaxMemoryOptions,
  stage: string,
): OwnContents {
  const folder = media ?? `${stage}/media`;
  mkdirSync(folder, { recursive: true });
  if (daxMemory !== 'checked') return { contents: new DirectDaxFiles(daxHardware, folder) };
  mkdirSync(`${stage}/dev/${SERVED_FOLDER}`);
  const checked = new CheckedDaxFiles(kernel, daxHardware, folder);
  return { contents: checked, checked };
}

async function withShared(
  shared: SharedMemory,
  daxHardware: DaxHardware,
  own: DaxFiles,
  { log }: Kernel,
  stage: string,
): Promise<DaxFiles> {
  const { SharedDaxFiles } = await import('./shared.ts');
  return new SharedDaxFiles(shared, daxHardware, own, log, stage);
}

/**
 * `stage`: the folder with `dev` and `media` that ends with the box; `shared`: devices that other
 * hosts have too.
 */
export async function openContents(
  { kernel, daxHardware }: Machine,
  options: DaxMemoryOptions,
  shared: SharedMemory | undefined,
  stage: string,
): Promise<OpenContents> {
  if (daxHardware === undefined) return {};
  addBoxFile(kernel.root, POISON, { show: () => daxHardware.allPoison() });
  const own = openOwn(kernel, daxHardware, options, stage);
  const contents =
    shared === undefined
      ? own.contents
      : await withShared(shared, daxHardware, own.contents, kernel, stage);
  daxHardware.askOpenOf((name) => contents.isOpen(name));
  daxHardware.onLoss((name) => contents.lose(name));
  daxHardware.onErase((device, bytes) => contents.erase(device, bytes));
  return { contents, checked: own.checked };
}
