/**
 * `poison`: a kernel lists poison by trace events only.
 */
import { hex } from '../kernfs/format.ts';
import { type BoxFile, parseLines } from './box-file.ts';

/** A place in the media of a memory device. */
export interface MediaPlace {
  readonly memdev: string;
  readonly dpa: number;
}

export const POISON: BoxFile<readonly MediaPlace[]> = {
  path: 'poison',
  mode: 0o400,
  content: 'a line for each poisoned unit of 64 bytes: `memN DPA`',
  page: 'faults.md',
  format: (places) => places.map(({ memdev, dpa }) => `${memdev} ${hex(dpa)}\n`).join(''),
  parse: (text) =>
    parseLines(text, 'memN DPA', (line) => {
      const [, memdev, dpa] = /^(mem\d+) (0x[0-9a-f]+)$/.exec(line) ?? [];
      return memdev === undefined ? undefined : { memdev, dpa: Number(dpa) };
    }),
};
