/**
 * `dax/daxN.Y`: who uses a dax device, and how much, where a box serves its memory page by page.
 */
import { type BoxFile, malformed, parseLines } from './box-file.ts';

export interface ProcessUse {
  readonly opens: number;
  /** Requests for pages; one may bring several. */
  readonly faults: number;
  readonly bytes: number;
  /** Pages and processes, not signals. */
  readonly sigbus: number;
}

export interface DaxUse extends ProcessUse {
  /** Of the device, bytes. */
  readonly size: number;
  /** Bytes that came back from mappings. */
  readonly writtenBack: number;
  readonly refused: { readonly open: number; readonly read: number; readonly write: number };
  readonly processes: readonly ({ readonly pid: number } & ProcessUse)[];
}

function formatUse({ size, opens, faults, bytes, writtenBack, sigbus, ...rest }: DaxUse): string {
  const { refused, processes } = rest;
  const lines = [
    `size ${size}`,
    `opens ${opens}`,
    `faults ${faults}`,
    `fault_bytes ${bytes}`,
    `written_back_bytes ${writtenBack}`,
    `sigbus ${sigbus}`,
    `refused_opens ${refused.open}`,
    `refused_reads ${refused.read}`,
    `refused_writes ${refused.write}`,
    ...processes.map(
      (each) =>
        `process ${each.pid} opens ${each.opens} faults ${each.faults} fault_bytes ${each.bytes} sigbus ${each.sigbus}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The numbers of a line of words and numbers, by word. */
function numbersOf(line: string): ReadonlyMap<string, number> | undefined {
  if (!/^[a-z_]+ \d+(?: [a-z_]+ \d+)*$/.test(line)) return undefined;
  return new Map([...line.matchAll(/([a-z_]+) (\d+)/g)].map(([, key = '', n]) => [key, Number(n)]));
}

function reader(numbers: ReadonlyMap<string, number>): (key: string) => number {
  return (key) => {
    const number = numbers.get(key);
    if (number === undefined) throw malformed(`'${key} N' is missing`);
    return number;
  };
}

function processUse(get: (key: string) => number): ProcessUse {
  return {
    opens: get('opens'),
    faults: get('faults'),
    bytes: get('fault_bytes'),
    sigbus: get('sigbus'),
  };
}

function parseUse(text: string): DaxUse {
  const lines = parseLines(text, 'WORD N', numbersOf);
  const get = reader(new Map(lines.filter((each) => !each.has('process')).flatMap((e) => [...e])));
  return {
    ...processUse(get),
    size: get('size'),
    writtenBack: get('written_back_bytes'),
    refused: {
      open: get('refused_opens'),
      read: get('refused_reads'),
      write: get('refused_writes'),
    },
    processes: lines
      .filter((each) => each.has('process'))
      .map((each) => ({ pid: reader(each)('process'), ...processUse(reader(each)) })),
  };
}

export const DAX_USE: BoxFile<DaxUse> = {
  path: 'dax/daxN.Y',
  mode: 0o400,
  content: 'with `dax_memory: checked`: a number a line, `WORD N`, then a line for each process',
  page: 'dax-memory.md',
  format: formatUse,
  parse: parseUse,
};
