/**
 * The machine's device nodes as files in the /dev of the box.
 *
 * A dax device is a sparse file on tmpfs, so that mmap gives memory at memory speed. Its contents belong to the media,
 * not to the device: each file is a second name (hard link) of a file in `media`, called by the physical address where
 * the device's range starts, so it is found again when the device is bound again, or made anew at that address. A
 * device that shrinks loses what was behind its new end; of a device with several ranges the file is one contiguous
 * piece, called by the first. All other nodes are empty files: programs only look whether they exist.
 *
 * All calls are synchronous: a file exists before the write that made the device returns.
 */
import { chmodSync, closeSync, ftruncateSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import type { KernfsFile } from '../kernfs/node.ts';
import { resolve } from '../kernfs/resolve.ts';

const DAX_NODE = /^dax\d+\.\d+$/;
/** Attributes whose write may change the size of a dax device. */
const SIZING_ATTRIBUTES = new Set(['size', 'mapping']);

export interface DaxMedia {
  /** Physical address, as `resource` shows it. */
  readonly start: string;
  /** Bytes. */
  readonly size: number;
}

/** Text of /sys/bus/dax/devices/NAME/ATTRIBUTE, or undefined if it cannot be read. */
function daxAttribute(kernel: Kernel, name: string, attribute: string): string | undefined {
  try {
    const node = resolve(kernel.root, `/sys/bus/dax/devices/${name}/${attribute}`);
    return node.kind === 'file' ? node.content.show?.().trim() : undefined;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/** Where the memory of the dax device `name` is and how large it is; undefined if the machine does not say. */
export function daxMediaOf(kernel: Kernel, name: string): DaxMedia | undefined {
  const start = daxAttribute(kernel, name, 'resource');
  const size = Number(daxAttribute(kernel, name, 'size'));
  return start === undefined || !Number.isSafeInteger(size) ? undefined : { start, size };
}

export class DeviceFiles {
  private readonly kernel: Kernel;
  private readonly dev: string;
  private readonly media: string;

  /** `stage` is a directory with `dev` and `media` in it, on one mount. Makes the files of all nodes, now and later. */
  constructor(kernel: Kernel, stage: string) {
    this.kernel = kernel;
    this.dev = `${stage}/dev`;
    this.media = `${stage}/media`;
    for (const node of kernel.devtmpfs.list()) this.add(node);
    kernel.devtmpfs.subscribe({ added: (node) => this.add(node), removed: (node) => this.remove(node) });
  }

  private add(node: DeviceNode): void {
    const path = `${this.dev}/${node.name}`;
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    const media = DAX_NODE.test(node.name) ? daxMediaOf(this.kernel, node.name) : undefined;
    if (media === undefined) closeSync(openSync(path, 'w'));
    else linkSync(this.sizedMedia(media), path);
    chmodSync(path, node.mode & 0o777);
  }

  private remove(node: DeviceNode): void {
    rmSync(`${this.dev}/${node.name}`, { force: true });
  }

  private sizedMedia({ start, size }: DaxMedia): string {
    const path = `${this.media}/${start}`;
    const file = openSync(path, 'a');
    ftruncateSync(file, size);
    closeSync(file);
    return path;
  }

  /** Brings the files of dax devices to their new size after a write that may have changed it. */
  afterWrite(file: KernfsFile): void {
    if (!SIZING_ATTRIBUTES.has(file.name)) return;
    for (const { name } of this.kernel.devtmpfs.list()) {
      const media = DAX_NODE.test(name) ? daxMediaOf(this.kernel, name) : undefined;
      if (media !== undefined) this.sizedMedia(media);
    }
  }
}
