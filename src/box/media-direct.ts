/**
 * `direct`: the file of a dax device is the media itself. One contiguous piece of one memory device is mapped as it
 * lies; all other devices get a view, which is gathered from the media and goes back into them.
 */
import { truncateSync } from 'node:fs';
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { DaxBacking, DaxSpan } from '../platform/dax-backing.ts';
import type { DaxContents, DaxFile } from './media-contents.ts';
import { type MediaRange, MediaStore } from './media-store.ts';
import { isInUse } from './media-users.ts';
import { lengthOf, MediaViews } from './media-views.ts';

/** Where the spans are, if they are one piece of one memory device. */
export function onePlace(spans: readonly DaxSpan[]): MediaRange | undefined {
  const [span] = spans;
  if (span === undefined || spans.length > 1 || span.map.ways !== 1) return undefined;
  const [target] = span.map.targets;
  if (target === undefined) return undefined;
  const start = target.dpa + span.hpa - span.map.start;
  return { device: target.device, start, end: start + span.length };
}

function claimPiece(store: MediaStore, spans: readonly DaxSpan[]): string | undefined {
  const place = onePlace(spans);
  return place && store.device(place.device).claim(place.start, place.end);
}

export class DirectContents implements DaxContents {
  private readonly backing: DaxBacking;
  private readonly store: MediaStore;
  private readonly views: MediaViews;
  /** Of the devices that are there. */
  private readonly paths = new Map<string, string>();

  /** `folder` holds the contents of all memory devices, from an earlier box or none. */
  constructor(backing: DaxBacking, folder: string) {
    this.backing = backing;
    this.store = new MediaStore(`${folder}/devices`);
    this.views = new MediaViews(this.store, `${folder}/views`);
  }

  attach({ name }: DeviceNode): DaxFile | undefined {
    const spans = this.backing.spans(name);
    if (lengthOf(spans) === 0) return undefined;
    const path = claimPiece(this.store, spans) ?? this.views.checkOut(name, spans);
    this.paths.set(name, path);
    if (this.backing.isLost(name)) this.lose(name);
    return { kind: 'own', path };
  }

  isOpen(name: string): boolean {
    const path = this.paths.get(name);
    return path !== undefined && isInUse(path, `/dev/${name}`);
  }

  /** Behind the end of the file a mapping gets SIGBUS, as where no memory answers. */
  lose(name: string): void {
    const path = this.paths.get(name);
    if (path !== undefined) truncateSync(path, 0);
  }

  detach(name: string): void {
    this.paths.delete(name);
    this.views.checkIn(name);
  }

  /** A driver that comes or goes changes nothing here: the file stays, as the memory does. */
  onChange(changed: (name: string) => void): void {
    const known = new Map<string, string>();
    this.backing.onChange((name) => {
      const ranges = this.backing
        .spans(name)
        .map(({ hpa, length }) => `${hpa}+${length}`)
        .join();
      if (known.get(name) === ranges) return;
      known.set(name, ranges);
      changed(name);
    });
  }
}
