/**
 * `fault/`: what goes wrong on purpose. The words of a fault are the same where it is asked for and
 * where it is listed; which kinds there are, and what each takes, is the business of the model.
 */
import { type BoxFile, malformed, parseLines, wordsOf } from './box-file.ts';

/**
 * A fault to inject, as the words of `fault/inject` say it (docs/faults.md).
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient } from 'cxlbox';
 *
 * const slow = { kind: 'slow-online', operands: [], options: new Map([['milliseconds', '5']]) };
 * const client = new MachineClient(boot({ ...loadMachine('default'), faults: [slow] }));
 * const list = await client.read('/sys/kernel/debug/cxlbox/fault/list');
 * console.log(list.trim()); // 1 slow-online milliseconds=5 struck=0
 * ```
 */
export interface FaultRequest {
  /** Such as `removal`: `cxlbox fault --help` lists them. */
  readonly kind: string;
  /** What it is about. */
  readonly operands: readonly string[];
  /** `key=value`, in the order of the text. */
  readonly options: ReadonlyMap<string, string>;
}

export interface ListedFault extends FaultRequest {
  /** Never given twice. */
  readonly number: number;
  /** How often it struck so far. */
  readonly struck: number;
}

/** What is behind the kind: operands and `key=value`. */
export function faultParameters({ operands, options }: Omit<FaultRequest, 'kind'>): string {
  return [...operands, ...[...options].map(([key, value]) => `${key}=${value}`)].join(' ');
}

function requestText(request: FaultRequest): string {
  return `${request.kind} ${faultParameters(request)}`.trimEnd();
}

function parseRequest([kind = '', ...rest]: readonly string[]): FaultRequest {
  const options = new Map<string, string>();
  for (const word of rest.filter((each) => each.includes('='))) {
    const at = word.indexOf('=');
    const key = word.slice(0, at);
    if (options.has(key)) throw malformed(`'${key}' is given twice`);
    options.set(key, word.slice(at + 1));
  }
  return { kind, operands: rest.filter((word) => !word.includes('=')), options };
}

export const FAULT_INJECT: BoxFile<FaultRequest> = {
  path: 'fault/inject',
  mode: 0o200,
  content: 'one fault: `KIND [OPERAND] [KEY=VALUE ...]`',
  page: 'faults.md',
  format: (request) => `${requestText(request)}\n`,
  parse: (text) => parseRequest(wordsOf(text)),
};

export const FAULT_CLEAR: BoxFile<number | 'all'> = {
  path: 'fault/clear',
  mode: 0o200,
  content: 'the number of a fault, or `all`',
  page: 'faults.md',
  format: (which) => `${which}\n`,
  parse: (text) => {
    const [word = '', ...more] = wordsOf(text);
    if (more.length === 0 && word === 'all') return word;
    if (more.length === 0 && /^\d+$/.test(word)) return Number(word);
    throw malformed(`expected the number of a fault, or all, not '${[word, ...more].join(' ')}'`);
  },
};

export const FAULT_LIST: BoxFile<readonly ListedFault[]> = {
  path: 'fault/list',
  mode: 0o400,
  content: 'a line for each fault: `NUMBER KIND [OPERAND] [KEY=VALUE ...] struck=N`',
  page: 'faults.md',
  format: (faults) =>
    faults
      .map((fault) => `${fault.number} ${requestText(fault)} struck=${fault.struck}\n`)
      .join(''),
  parse: (text) =>
    parseLines(text, 'NUMBER KIND ... struck=N', (line) => {
      const [, number, request, struck] = /^(\d+) (\S.*) struck=(\d+)$/.exec(line) ?? [];
      if (request === undefined) return undefined;
      return { number: Number(number), struck: Number(struck), ...parseRequest(wordsOf(request)) };
    }),
};
