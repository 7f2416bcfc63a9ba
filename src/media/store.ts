/**
 * The contents of all memory devices of a box, and what a dax device shows of them by the address
 * arithmetic.
 */
import { hpaToDpa, sizePerDevice } from '../cxl/address/address.ts';
import type { DaxSpan } from '../platform/dax-hardware.ts';
import { openBelow, openMediaFolder } from './folder.ts';
import { MediaPieces } from './pieces.ts';

/** A piece of a dax device that is contiguous in one memory device. */
interface Run {
  /** Bytes from the start of what was asked for. */
  readonly at: number;
  readonly length: number;
  readonly device: string;
  readonly dpa: number;
}

/** Where `length` bytes at `offset` of the dax device are, granule by granule. */
function* runsOf(spans: readonly DaxSpan[], offset: number, length: number): Iterable<Run> {
  for (const span of spans) {
    const end = Math.min(offset + length, span.offset + span.length);
    for (let at = Math.max(offset, span.offset); at < end; ) {
      const hpa = span.hpa + at - span.offset;
      const { ways, granularity, start } = span.map;
      const granuleEnd = ways === 1 ? end : at + granularity - ((hpa - start) % granularity);
      const next = Math.min(granuleEnd, end);
      const place = hpaToDpa(span.map, hpa);
      if (place !== undefined)
        yield { at: at - offset, length: next - at, device: place.device, dpa: place.dpa };
      at = next;
    }
  }
}

/**
 * The runs in one device with the contiguous range that they lie in: granules of one position
 * follow one another.
 */
interface Slice {
  readonly device: string;
  readonly runs: Run[];
  start: number;
  end: number;
}

function slicesOf(spans: readonly DaxSpan[], offset: number, length: number): Slice[] {
  const slices: Slice[] = [];
  for (const run of runsOf(spans, offset, length)) {
    const { device, dpa } = run;
    const end = dpa + run.length;
    const near = slices.find(
      (each) => each.device === device && dpa <= each.end + length && end >= each.start - length,
    );
    if (near === undefined) {
      slices.push({ device, runs: [run], start: dpa, end });
      continue;
    }
    near.runs.push(run);
    near.start = Math.min(near.start, dpa);
    near.end = Math.max(near.end, end);
  }
  return slices;
}

export interface MediaRange {
  readonly device: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The ranges of memory devices that the regions behind the spans use as a whole. */
export function mediaRanges(spans: readonly DaxSpan[]): MediaRange[] {
  const ranges = spans.flatMap(({ map }) =>
    map.targets.map(({ device, dpa }) => ({ device, start: dpa, end: dpa + sizePerDevice(map) })),
  );
  return ranges.filter(
    (range, index) =>
      ranges.findIndex((each) => each.device === range.device && each.start === range.start) ===
      index,
  );
}

/** The host physical ranges of a dax device, to compare: the same text for the same ranges. */
export function rangesOf(spans: readonly DaxSpan[]): string {
  return spans.map(({ hpa, length }) => `${hpa}+${length}`).join();
}

/** Where the spans are, if they are one piece of one memory device. */
export function onePlace(spans: readonly DaxSpan[]): MediaRange | undefined {
  const [span] = spans;
  if (span === undefined || spans.length > 1 || span.map.ways !== 1) return undefined;
  const [target] = span.map.targets;
  if (target === undefined) return undefined;
  const start = target.dpa + span.hpa - span.map.start;
  return { device: target.device, start, end: start + span.length };
}

export class MediaStore {
  private readonly folder: string;
  private readonly devices = new Map<string, MediaPieces>();

  /** One folder for each memory device is made below `folder`, when it is first used. */
  constructor(folder: string) {
    this.folder = folder;
  }

  device(name: string): MediaPieces {
    const known = this.devices.get(name);
    if (known !== undefined) return known;
    const devices = openMediaFolder(this.folder);
    try {
      const made = new MediaPieces(openBelow(devices, name), true);
      this.devices.set(name, made);
      return made;
    } finally {
      devices.close();
    }
  }

  close(): void {
    for (const pieces of this.devices.values()) pieces.close();
    this.devices.clear();
  }

  /** Fills `bytes` with what the dax device shows at `offset`. */
  read(spans: readonly DaxSpan[], offset: number, bytes: Buffer): void {
    const slices = slicesOf(spans, offset, bytes.length);
    const [only] = slices;
    if (slices.length === 1 && only?.runs.length === 1 && only.end - only.start === bytes.length) {
      this.device(only.device).read(only.start, bytes);
      return;
    }
    bytes.fill(0);
    for (const { device, start, end, runs } of slices) {
      const slice = Buffer.allocUnsafe(end - start);
      this.device(device).read(start, slice);
      for (const run of runs)
        slice.copy(bytes, run.at, run.dpa - start, run.dpa - start + run.length);
    }
  }

  /** Stores `bytes` as a program does that writes them at `offset` of the dax device. */
  write(spans: readonly DaxSpan[], offset: number, bytes: Buffer): void {
    for (const { device, start, end, runs } of slicesOf(spans, offset, bytes.length)) {
      const slice = Buffer.allocUnsafe(end - start);
      const media = this.device(device);
      const taken = runs.reduce((sum, run) => sum + run.length, 0);
      if (taken < slice.length) media.read(start, slice);
      for (const run of runs) bytes.copy(slice, run.dpa - start, run.at, run.at + run.length);
      media.write(start, slice);
    }
  }
}
