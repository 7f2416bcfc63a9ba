/**
 * The contents of one memory device, in order of device physical address (DPA), as sparse files.
 *
 * A dax device that is contiguous in its media maps a file that begins at its first byte, so the
 * media are cut into pieces where such devices begin and end. A piece is a file called by the DPA
 * at which it begins; its size says where it ends. Pieces never overlap; what no piece covers was
 * never written and reads as zeros. Cutting and joining copies the data that moves (tmpfs has no
 * reflinks) and nothing else; the piece that keeps its start keeps its file, so that what is mapped
 * stays mapped.
 *
 * The folder is the only record: it outlives the box if it is on a disk, and a box that was killed.
 * So that what such a one was at can be told, of two pieces that overlap the later one holds: a cut
 * gives the rest its name when it is copied, a join drops a piece when it is copied.
 */
import { closeSync, constants, fstatSync, ftruncateSync } from 'node:fs';
import { type Directory, ifThere } from '../shared-devices/directory.ts';
import { PIECE, UNFINISHED_PIECE } from '../shared-devices/layout.ts';
import { PAGE_SIZE } from '../units.ts';
import { openMediaFolder } from './folder.ts';
import { copySparse, nonZeroPages, occupied, readFully, writeFully } from './sparse.ts';

interface Piece {
  readonly start: number;
  /** Exclusive. */
  end: number;
  readonly file: number;
}

/** Pieces begin and end at multiples of it. */
const NAME_DIGITS = 13;
const { O_RDWR, O_CREAT } = constants;

function nameOf(start: number): string {
  return start.toString(16).padStart(NAME_DIGITS, '0');
}

export class MediaPieces {
  private readonly folder: Directory;
  private readonly ownsFolder: boolean;
  /** In ascending order. */
  private pieces: Piece[] = [];

  /**
   * Finds what the folder holds; makes it if it is missing. Mends what a box left that was killed.
   * SharedDeviceError: the folder is a link or another user's, or a piece is not a regular file.
   * `ownsFolder`: it is closed with the pieces.
   */
  constructor(folder: string | Directory, ownsFolder = typeof folder === 'string') {
    this.ownsFolder = ownsFolder;
    this.folder = typeof folder === 'string' ? openMediaFolder(folder) : folder;
    try {
      this.find();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private find(): void {
    ifThere(() => this.removeUnfinished());
    for (const name of this.folder.names().filter((each) => PIECE.test(each))) {
      const file = this.folder.openFile(name, O_RDWR);
      const start = Number.parseInt(name, 16);
      const before = this.pieces.at(-1);
      this.pieces.push({ start, end: start + fstatSync(file).size, file });
      if (before !== undefined && before.end > start) this.resize(before, start);
    }
  }

  private removeUnfinished(): void {
    // Only if it is a plain file.
    closeSync(this.folder.openFile(UNFINISHED_PIECE, O_RDWR));
    this.folder.unlink(UNFINISHED_PIECE);
  }

  close(): void {
    for (const { file } of this.pieces) closeSync(file);
    this.pieces = [];
    if (this.ownsFolder) this.folder.close();
  }

  private pathOf({ start }: Piece): string {
    return `${this.folder.path}/${nameOf(start)}`;
  }

  private make(start: number, end: number, name = nameOf(start)): Piece {
    const piece: Piece = { start, end, file: this.folder.openFile(name, O_RDWR | O_CREAT) };
    ftruncateSync(piece.file, 0);
    ftruncateSync(piece.file, end - start);
    this.pieces.push(piece);
    this.pieces.sort((a, b) => a.start - b.start);
    return piece;
  }

  private overlapping(start: number, end: number): Piece[] {
    return this.pieces.filter((piece) => piece.start < end && piece.end > start);
  }

  private resize(piece: Piece, end: number): void {
    ftruncateSync(piece.file, end - piece.start);
    piece.end = end;
  }

  private drop(piece: Piece): void {
    this.folder.unlink(nameOf(piece.start));
    closeSync(piece.file);
    this.pieces.splice(this.pieces.indexOf(piece), 1);
  }

  /** Cuts the piece that `at` is inside of in two. */
  private cut(at: number): void {
    const piece = this.pieces.find(({ start, end }) => start < at && at < end);
    if (piece === undefined) return;
    const { end } = piece;
    const rest = this.make(at, end, UNFINISHED_PIECE);
    copySparse(
      { file: piece.file, position: at - piece.start },
      { file: rest.file, position: 0 },
      end - at,
    );
    this.folder.rename(UNFINISHED_PIECE, nameOf(at));
    this.resize(piece, at);
  }

  /** The path of a file that holds exactly the contents of [start, end). */
  claim(start: number, end: number): string {
    return this.pathOf(this.single(start, end));
  }

  private single(start: number, end: number): Piece {
    this.cut(start);
    this.cut(end);
    const first = this.pieces.find((piece) => piece.start === start) ?? this.make(start, start);
    const others = this.overlapping(start, end).filter((piece) => piece !== first);
    // Always: a program may have truncated the file of a device, as if it were one.
    this.resize(first, end);
    for (const piece of others) {
      const to = { file: first.file, position: piece.start - start };
      copySparse({ file: piece.file, position: 0 }, to, piece.end - piece.start);
      this.drop(piece);
    }
    return first;
  }

  /** Bytes that the contents of [start, end) may occupy: 0 says that all is zero. */
  occupied(start: number, end: number): number {
    return this.overlapping(start, end).reduce((sum, { file }) => sum + occupied(file), 0);
  }

  /** The pages in [start, end) that hold anything; both are multiples of a page. */
  *nonZeroPages(start: number, end: number): Iterable<number> {
    for (const piece of this.overlapping(start, end)) {
      const from = Math.max(start, piece.start) - piece.start;
      const to = Math.min(end, piece.end) - piece.start;
      for (const page of nonZeroPages(piece.file, from, to)) yield piece.start + page;
    }
  }

  /** Makes [start, end) zero and gives its memory back. */
  clear(start: number, end: number): void {
    this.cut(start);
    this.cut(end);
    for (const piece of this.overlapping(start, end)) this.drop(piece);
  }

  /**
   * Makes [start, end) zero for good: old mappings get SIGBUS, since they are beyond the end of
   * their file, and a later claim of the range gets another file.
   */
  discard(start: number, end: number): void {
    const piece = this.single(start, end);
    ftruncateSync(piece.file, 0);
    this.drop(piece);
  }

  read(dpa: number, bytes: Buffer): void {
    const end = dpa + bytes.length;
    bytes.fill(0);
    for (const piece of this.overlapping(dpa, end)) {
      const from = Math.max(dpa, piece.start);
      const to = Math.min(end, piece.end);
      readFully(piece.file, bytes.subarray(from - dpa, to - dpa), from - piece.start);
    }
  }

  write(dpa: number, bytes: Buffer): void {
    this.reserve(
      Math.floor(dpa / PAGE_SIZE) * PAGE_SIZE,
      Math.ceil((dpa + bytes.length) / PAGE_SIZE) * PAGE_SIZE,
    );
    for (const piece of this.overlapping(dpa, dpa + bytes.length)) {
      const from = Math.max(dpa, piece.start);
      const to = Math.min(dpa + bytes.length, piece.end);
      writeFully(piece.file, bytes.subarray(from - dpa, to - dpa), from - piece.start);
    }
  }

  /** Makes pieces, as large as possible, where [start, end) has none. */
  reserve(start: number, end: number): void {
    for (let at = start; at < end; ) {
      const holder = this.pieces.find((piece) => piece.start <= at && at < piece.end);
      if (holder !== undefined) {
        at = holder.end;
        continue;
      }
      const next = this.pieces.find((piece) => piece.start > at)?.start ?? end;
      at = this.make(at, Math.min(next, end)).end;
    }
  }
}
