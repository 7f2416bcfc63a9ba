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
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { sizePerDevice } from '../cxl/address/address.ts';
import type { DaxSpan } from '../platform/dax-backing.ts';
import { countNonZero, isZero, occupied, readFully, writeSparse } from './sparse.ts';
import { type MediaStore, mediaRanges } from './store.ts';

const WINDOW = 1 << 20;
const PAGE = 4096;
const RECORD = '.json';

/** Bytes of all spans. */
export function lengthOf(spans: readonly DaxSpan[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

interface Recorded extends Omit<DaxSpan, 'map'> {
  readonly map: Omit<DaxSpan['map'], 'xorMaps'> & { readonly xorMaps: readonly string[] };
}

function toRecord(spans: readonly DaxSpan[]): string {
  const recorded = spans.map(
    ({ map, ...span }): Recorded => ({
      ...span,
      map: { ...map, xorMaps: map.xorMaps.map(String) },
    }),
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
    const file = openSync(path, 'w+', 0o600);
    ftruncateSync(file, lengthOf(spans));
    const whole = spans.every(({ length, map }) => length === map.size);
    writeFileSync(`${path}${RECORD}`, toRecord(spans));
    for (const span of spans) {
      for (const [offset, bytes] of this.heldBlocks(spans, span)) {
        writeSparse(file, bytes, offset);
        if (!whole) this.store.write(spans, offset, Buffer.alloc(bytes.length));
      }
    }
    closeSync(file);
    if (!whole) return path;
    for (const { device, start, end } of mediaRanges(spans))
      this.store.device(device).clear(start, end);
    return path;
  }

  /** The blocks of the span for which the media hold anything, with their offset in the dax device. */
  private *heldBlocks(spans: readonly DaxSpan[], span: DaxSpan): Iterable<[number, Buffer]> {
    const { map } = span;
    const perDevice = Math.max(map.granularity, PAGE);
    const stripes = new Set<number>();
    for (const { device, dpa } of map.targets) {
      const media = this.store.device(device);
      for (const page of media.nonZeroPages(dpa, dpa + sizePerDevice(map)))
        stripes.add(Math.floor((page - dpa) / perDevice));
    }
    const size = perDevice * map.ways;
    // Offset of the dax device at which the region would begin; negative for a device that begins inside.
    const base = span.offset - (span.hpa - map.start);
    for (const stripe of stripes) {
      const start = Math.max(base + stripe * size, span.offset);
      const end = Math.min(base + (stripe + 1) * size, span.offset + span.length);
      if (end <= start) continue;
      const bytes = Buffer.allocUnsafe(end - start);
      this.store.read(spans, start, bytes);
      yield [start, bytes];
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
    for (const { device, start, end } of mediaRanges(spans))
      this.store.device(device).reserve(start, end);
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

  /** Ends a view with its contents: what is mapped of it gets SIGBUS for good, and the media stay empty. */
  discard(name: string): void {
    const path = `${this.folder}/${name}`;
    rmSync(`${path}${RECORD}`, { force: true });
    truncateSync(path, 0);
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
