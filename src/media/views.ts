/**
 * Files for dax devices that are not contiguous in one memory device: interleaved, or of several
 * ranges.
 *
 * While such a device exists, its contents are in one file, the view, and the media are empty
 * there: gathered when the device appears and scattered when it goes, both by the address
 * arithmetic. Beside a view lies what it is made of, so that a box which ended with a view finds it
 * again and scatters it when the next box opens the same folder.
 */
import { closeSync, constants, ftruncateSync, readFileSync, writeFileSync } from 'node:fs';
import { sizePerDevice } from '../cxl/address/address.ts';
import type { DaxSpan } from '../platform/dax-hardware.ts';
import { type Directory, ifThere } from '../shared-devices/directory.ts';
import { PAGE_SIZE } from '../units.ts';
import { openMediaFolder } from './folder.ts';
import { countNonZero, isZero, occupied, readFully, writeSparse } from './sparse.ts';
import { type MediaStore, mediaRanges } from './store.ts';

const WINDOW = 1 << 20;
const RECORD = '.json';
const { O_RDONLY, O_RDWR, O_CREAT } = constants;

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
  private readonly folder: Directory;
  /**
   * Views that are out, open since they were made: in a box the device's node is a second name of
   * the file, and a file with two names is not opened again.
   */
  private readonly out = new Map<string, number>();

  /** Brings back what an earlier box left in `folder`. */
  constructor(store: MediaStore, folder: string) {
    this.store = store;
    this.folder = openMediaFolder(folder);
    for (const name of this.folder.names().filter((each) => each.endsWith(RECORD)))
      this.checkIn(name.slice(0, -RECORD.length));
  }

  /**
   * Makes the view of a dax device and returns its path. `name` is free: checked in, if it ever was
   * out.
   */
  checkOut(name: string, spans: readonly DaxSpan[]): string {
    const path = `${this.folder.path}/${name}`;
    const file = this.makeEmpty(name);
    ftruncateSync(file, lengthOf(spans));
    const whole = spans.every(({ length, map }) => length === map.size);
    const record = this.makeEmpty(`${name}${RECORD}`);
    writeFileSync(record, toRecord(spans));
    closeSync(record);
    for (const span of spans) {
      for (const [offset, bytes] of this.heldBlocks(spans, span)) {
        writeSparse(file, bytes, offset);
        if (!whole) this.store.write(spans, offset, Buffer.alloc(bytes.length));
      }
    }
    this.out.set(name, file);
    if (!whole) return path;
    for (const { device, start, end } of mediaRanges(spans))
      this.store.device(device).clear(start, end);
    return path;
  }

  private makeEmpty(name: string): number {
    const file = this.folder.openFile(name, O_RDWR | O_CREAT);
    ftruncateSync(file, 0);
    return file;
  }

  private recordOf(name: string): DaxSpan[] | undefined {
    const file = ifThere(() => this.folder.openFile(`${name}${RECORD}`, O_RDONLY));
    if (file === undefined) return undefined;
    const text = readFileSync(file, 'utf8');
    closeSync(file);
    return fromRecord(text);
  }

  /**
   * The blocks of the span for which the media hold anything, with their offset in the dax device.
   */
  private *heldBlocks(spans: readonly DaxSpan[], span: DaxSpan): Iterable<[number, Buffer]> {
    const { map } = span;
    const perDevice = Math.max(map.granularity, PAGE_SIZE);
    const stripes = new Set<number>();
    for (const { device, dpa } of map.targets) {
      const media = this.store.device(device);
      for (const page of media.nonZeroPages(dpa, dpa + sizePerDevice(map)))
        stripes.add(Math.floor((page - dpa) / perDevice));
    }
    const size = perDevice * map.ways;
    // Offset of the dax device at which the region would begin; negative for a device that begins
    // inside.
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
    this.close(name);
    const spans = this.recordOf(name);
    if (spans === undefined) return;
    const length = lengthOf(spans);
    const file = this.folder.openFile(name, O_RDONLY);
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
    this.folder.unlink(`${name}${RECORD}`);
    this.folder.unlink(name);
  }

  /**
   * Ends a view with its contents: what is mapped of it gets SIGBUS for good, and the media stay
   * empty.
   */
  discard(name: string): void {
    this.folder.unlink(`${name}${RECORD}`);
    const file = this.out.get(name);
    if (file !== undefined) ftruncateSync(file, 0);
    this.close(name);
    this.folder.unlink(name);
  }

  private close(name: string): void {
    const file = this.out.get(name);
    if (file !== undefined) closeSync(file);
    this.out.delete(name);
  }

  /** Writes what is not zero, by blocks that are whole pages in every device. */
  private scatter(spans: readonly DaxSpan[], offset: number, bytes: Buffer): void {
    const block = Math.max(
      ...spans.map(({ map }) => map.ways * Math.max(map.granularity, PAGE_SIZE)),
    );
    for (let at = 0; at < bytes.length; at += block) {
      const part = bytes.subarray(at, at + block);
      if (!isZero(part)) this.store.write(spans, offset + at, part);
    }
  }
}
