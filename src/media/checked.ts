/**
 * `checked`: dax devices are files of the machine's own mount, served from the media page by page,
 * so that what the kernel's device_dax refuses is refused, and what is lost or poisoned gives
 * SIGBUS.
 */
import { addBoxFile } from '../cxlbox-abi/box-file.ts';
import { DAX_USE } from '../cxlbox-abi/dax-use.ts';
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { Invalidation, MemoryFile, MemoryFiles } from '../fuse/index.ts';
import type { KernfsDirectory } from '../kernfs/node.ts';
import { KernfsFile, type KernfsNode } from '../kernfs/node.ts';
import type { DaxHardware } from '../platform/dax-hardware.ts';
import { CheckedFile } from './checked-file.ts';
import { DaxCounters } from './counters.ts';
import type { DaxFile, DaxFiles } from './dax-files.ts';
import { MediaStore, mediaRanges, onePlace } from './store.ts';
import { lengthOf, MediaViews } from './views.ts';

/** Below the root of the mount, and in the /dev of the box. */
export const SERVED_FOLDER = '.dax';

interface Served {
  readonly node: KernfsFile;
  readonly file: CheckedFile;
  /** Its counters, in debugfs. */
  readonly use: KernfsFile;
}

export class CheckedDaxFiles implements DaxFiles, MemoryFiles {
  private readonly hardware: DaxHardware;
  private readonly store: MediaStore;
  private readonly views: MediaViews;
  private readonly kernel: Kernel;
  private readonly folder: KernfsDirectory;
  /** Devices that are there now. */
  private readonly served = new Map<string, Served>();
  /** Also of devices that are gone, as long as the kernel holds them: dirty pages may come late. */
  private readonly files = new WeakMap<KernfsNode, CheckedFile>();
  private invalid: Invalidation[] = [];

  /** `folder` as for DirectDaxFiles: either way finds what the other left. */
  constructor(kernel: Kernel, hardware: DaxHardware, folder: string) {
    this.kernel = kernel;
    this.hardware = hardware;
    this.store = new MediaStore(`${folder}/devices`);
    this.views = new MediaViews(this.store, `${folder}/views`);
    this.folder = kernel.root.ensureDirectory(SERVED_FOLDER);
    hardware.onChange((name) => this.serveAgain(name));
  }

  attach(node: DeviceNode): DaxFile | undefined {
    const { name } = node;
    const spans = this.hardware.spans(name);
    for (const { device, start, end } of mediaRanges(spans))
      this.store.device(device).reserve(start, end);
    const size = lengthOf(spans);
    const kernfs = new KernfsFile(
      name,
      node.mode & 0o777,
      { show: () => '', store: () => {} },
      { size, binary: true },
    );
    const counters = new DaxCounters();
    const file = new CheckedFile(name, this.store, this.hardware, this.kernel.log, counters);
    this.files.set(kernfs, file);
    const use = addBoxFile(this.kernel.root, DAX_USE, { show: () => counters.use(size) }, name);
    this.served.set(name, { node: this.folder.add(kernfs), file, use });
    file.serve(this.hardware.served(name));
    return { kind: 'served', path: `${SERVED_FOLDER}/${name}` };
  }

  erase(device: string, bytes: number): void {
    this.store.device(device).clear(0, bytes);
  }

  detach(name: string): void {
    const served = this.served.get(name);
    if (served === undefined) return;
    this.invalidate(served);
    served.file.serve(undefined);
    this.served.delete(name);
    this.folder.remove(name);
    served.use.parent?.remove(name);
  }

  /** A device whose size changed is another file: what is mapped of the old one stays lost. */
  onChange(changed: (name: string) => void): void {
    this.hardware.onChange((name) => {
      const served = this.served.get(name);
      if (served !== undefined && served.node.options.size !== lengthOf(this.hardware.spans(name)))
        changed(name);
    });
  }

  private serveAgain(name: string): void {
    const served = this.served.get(name);
    if (served === undefined) return;
    this.invalidate(served);
    served.file.serve(this.hardware.served(name));
  }

  isOpen(name: string): boolean {
    return this.served.get(name)?.file.isOpen ?? false;
  }

  lose(name: string): void {
    const served = this.served.get(name);
    if (served === undefined) return;
    served.file.lose();
    this.invalidate(served);
    this.clear(name);
  }

  /** Whoever gets the memory next finds it zero. */
  private clear(name: string): void {
    const spans = this.hardware.spans(name);
    const place = onePlace(spans);
    if (place !== undefined) {
      this.store.device(place.device).clear(place.start, place.end);
      return;
    }
    this.views.checkOut(name, spans);
    this.views.discard(name);
  }

  private invalidate({ node }: Served): void {
    this.invalid.push({ node, offset: 0, length: 0 });
  }

  /** To be called after each write to the machine: pages that became poisoned must fault. */
  afterWrite(): void {
    for (const { node, file } of this.served.values())
      for (const { offset, length } of file.updatePoison())
        this.invalid.push({ node, offset, length });
  }

  fileOf(node: KernfsFile): MemoryFile | undefined {
    return this.files.get(node);
  }

  takeInvalidations(): readonly Invalidation[] {
    if (this.invalid.length === 0) return this.invalid;
    const taken = this.invalid;
    this.invalid = [];
    return taken;
  }
}
