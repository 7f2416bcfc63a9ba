/**
 * Files for dax devices that are not contiguous in one memory device: interleaved, or of several ranges.
 *
 * While such a device exists, its contents are in one file, the view, and the media are empty there: gathered when the
 * device appears and scattered when it goes, both by the address arithmetic. Beside a view lies what it is made of, so
 * that a box which ended with a view finds it again and scatters it when the next box opens the same folder.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { DaxSpan } from '../platform/dax-backing.ts';
import { countNonZero, isZero, occupied, readFully, writeSparse } from './media-sparse.ts';
import { type MediaStore, mediaRanges } from './media-store.ts';

const WINDOW = 1 << 20;
const PAGE = 4096;
const RECORD = '.json';

/** Bytes of all spans. */
export function lengthOf(spans: readonly DaxSpan[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

function mostWays(spans: readonly DaxSpan[]): number {
  return Math.max(1, ...spans.map(({ map }) => map.ways));
}

interface Recorded extends Omit<DaxSpan, 'map'> {
  readonly map: Omit<DaxSpan['map'], 'xorMaps'> & { readonly xorMaps: readonly string[] };
}

function toRecord(spans: readonly DaxSpan[]): string {
  const recorded = spans.map(
    ({ map, ...span }): Recorded => ({ ...span, map: { ...map, xorMaps: map.xorMaps.map(String) } }),
  );
  return JSON.stringify(recorded);
}

function fromRecord(text: string): DaxSpan[] {
  return (JSON.parse(text) as Recorded[]).map(({ map, ...span }) => ({
    ...span,
    map: { ...map, xorMaps: map.xorMaps.map(BigInt) },
  }));
}

export class MediaViews {
  private readonly store: MediaStore;
  private readonly folder: string;

  /** Brings back what an earlier box left in `folder`. */
  constructor(store: MediaStore, folder: string) {
    this.store = store;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder).filter((each) => each.endsWith(RECORD)))
      this.checkIn(name.slice(0, -RECORD.length));
  }

  /** Makes the view of a dax device and returns its path. `name` is free: checked in, if it ever was out. */
  checkOut(name: string, spans: readonly DaxSpan[]): string {
    const path = `${this.folder}/${name}`;
    const length = lengthOf(spans);
    const file = openSync(path, 'w+', 0o600);
    ftruncateSync(file, length);
    const ranges = mediaRanges(spans);
    let remaining = ranges.reduce(
      (sum, { device, start, end }) => sum + this.store.device(device).occupied(start, end),
      0,
    );
    const held = remaining > 0;
    const window = Buffer.allocUnsafe(Math.min(WINDOW, length));
    for (let at = 0; at < length && remaining > 0; at += window.length) {
      const bytes = window.subarray(0, Math.min(window.length, length - at));
      this.store.read(spans, at, bytes);
      // A page of the media is spread over so many pages of the view at most.
      remaining -= writeSparse(file, bytes, at) / mostWays(spans);
    }
    closeSync(file);
    writeFileSync(`${path}${RECORD}`, toRecord(spans));
    if (held) this.clear(spans);
    return path;
  }

  /** The media of the view become zero, so that scattering has to write only what is not. */
  private clear(spans: readonly DaxSpan[]): void {
    if (spans.every(({ length, map }) => length === map.size)) {
      for (const { device, start, end } of mediaRanges(spans)) this.store.device(device).clear(start, end);
      return;
    }
    const zeros = Buffer.alloc(WINDOW);
    const window = Buffer.allocUnsafe(WINDOW);
    const length = lengthOf(spans);
    for (let at = 0; at < length; at += WINDOW) {
      const bytes = window.subarray(0, Math.min(WINDOW, length - at));
      this.store.read(spans, at, bytes);
      if (!isZero(bytes)) this.store.write(spans, at, zeros.subarray(0, bytes.length));
    }
  }

  /** Brings the contents of a view back into the media; nothing if there is no such view. */
  checkIn(name: string): void {
    const path = `${this.folder}/${name}`;
    const record = `${path}${RECORD}`;
    if (!existsSync(record)) return;
    const spans = fromRecord(readFileSync(record, 'utf8'));
    const length = lengthOf(spans);
    const file = openSync(path, 'r');
    for (const { device, start, end } of mediaRanges(spans)) this.store.device(device).reserve(start, end);
    let remaining = occupied(file);
    const window = Buffer.allocUnsafe(Math.min(WINDOW, length));
    for (let at = 0; at < length && remaining > 0; at += window.length) {
      const bytes = window.subarray(0, Math.min(window.length, length - at));
      readFully(file, bytes, at);
      this.scatter(spans, at, bytes);
      remaining -= countNonZero(bytes);
    }
    closeSync(file);
    rmSync(record);
    rmSync(path);
  }

  /** Writes what is not zero, by blocks that are whole pages in every device. */
  private scatter(spans: readonly DaxSpan[], offset: number, bytes: Buffer): void {
    const block = Math.max(...spans.map(({ map }) => map.ways * Math.max(map.granularity, PAGE)));
    for (let at = 0; at < bytes.length; at += block) {
      const part = bytes.subarray(at, at + block);
      if (!isZero(part)) this.store.write(spans, offset + at, part);
    }
  }
}
