/**
 * `direct`: the file of a dax device is the media itself. One contiguous piece of one memory device
 * is mapped as it lies; all other devices get a view, which is gathered from the media and goes
 * back into them.
 */
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { DaxHardware, DaxSpan } from '../platform/dax-hardware.ts';
import type { DaxFile, DaxFiles } from './dax-files.ts';
import { type MediaRange, MediaStore, onePlace, rangesOf } from './store.ts';
import { isInUse } from './users.ts';
import { lengthOf, MediaViews } from './views.ts';

/** What a dax device was given. */
interface Given {
  readonly path: string;
  /** Absent: a view. */
  readonly place?: MediaRange;
}

export class DirectDaxFiles implements DaxFiles {
  private readonly hardware: DaxHardware;
  private readonly store: MediaStore;
  private readonly views: MediaViews;
  /** Devices that are there, but for those whose memory is lost. */
  private readonly given = new Map<string, Given>();
  private readonly listeners: ((name: string) => void)[] = [];

  /** `folder` holds the contents of all memory devices, from an earlier box or none. */
  constructor(hardware: DaxHardware, folder: string) {
    this.hardware = hardware;
    this.store = new MediaStore(`${folder}/devices`);
    this.views = new MediaViews(this.store, `${folder}/views`);
  }

  attach({ name }: DeviceNode): DaxFile | undefined {
    const spans = this.hardware.spans(name);
    if (lengthOf(spans) === 0 || this.hardware.isLost(name)) return undefined;
    const given = this.give(name, spans);
    this.given.set(name, given);
    return { kind: 'own', path: given.path };
  }

  private give(name: string, spans: readonly DaxSpan[]): Given {
    const place = onePlace(spans);
    if (place === undefined) return { path: this.views.checkOut(name, spans) };
    return { path: this.store.device(place.device).claim(place.start, place.end), place };
  }

  isOpen(name: string): boolean {
    const given = this.given.get(name);
    return given !== undefined && isInUse(given.path, `/dev/${name}`);
  }

  /**
   * The contents are gone with the file: old mappings must not show what comes to the same place
   * later.
   */
  lose(name: string): void {
    const given = this.given.get(name);
    if (given === undefined) return;
    this.given.delete(name);
    if (given.place === undefined) this.views.discard(name);
    else this.store.device(given.place.device).discard(given.place.start, given.place.end);
    for (const changed of this.listeners) changed(name);
  }

  erase(device: string, bytes: number): void {
    this.store.device(device).clear(0, bytes);
  }

  detach(name: string): void {
    this.given.delete(name);
    this.views.checkIn(name);
  }

  /** A driver that comes or goes changes nothing here: the file stays, as the memory does. */
  onChange(changed: (name: string) => void): void {
    this.listeners.push(changed);
    const known = new Map<string, string>();
    this.hardware.onChange((name) => {
      const ranges = rangesOf(this.hardware.spans(name));
      if (known.get(name) === ranges) return;
      known.set(name, ranges);
      changed(name);
    });
  }
}
