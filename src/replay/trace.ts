/**
 * A recording: the header and the steps of one JSON-lines file (`conformance/README.md` describes
 * the format).
 */
import type { AbiProfile } from '../platform/profiles/index.ts';
import { UnreadableFileError } from '../user-files/read-text.ts';
import { HEADER_SHAPE, mistakeIn, stepShape } from './trace-shape.ts';

/** What a recording says about one file, directory or link. A missing `mode` was not recorded. */
export interface RecordedNode {
  readonly t: 'dir' | 'link' | 'file' | 'absent';
  readonly mode?: string;
  readonly to?: string;
  readonly data?: string;
  readonly errno?: string;
  /** `read`: open succeeded and read(2) gave the errno. */
  readonly at?: string;
}

export interface TraceHeader {
  readonly trace: string;
  readonly abi: AbiProfile;
  readonly topology: string;
  readonly about: string;
  readonly boot: {
    readonly auto_online_blocks: string;
    readonly memmap_on_memory: string;
    readonly online_policy?: string;
    readonly modules?: string | readonly string[];
    readonly cpuid_hypervisor?: boolean;
  };
  readonly names?: Readonly<
    Record<string, { readonly pci: string; readonly serial: string; readonly endpoint: string }>
  >;
  readonly watch?: Readonly<
    Record<string, { readonly roots: readonly string[]; readonly plus?: string } | string>
  >;
  readonly seed?: number;
}

interface Common {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly note?: string;
}

export interface WriteStep extends Common {
  readonly op: 'write';
  readonly path: string;
  readonly data: string;
  readonly result?: 'ok' | 'unrecorded';
  readonly errno?: string;
  readonly at?: string;
  readonly ret?: number;
  readonly env?: boolean;
  readonly held_fd?: boolean;
  readonly offset?: number;
}

export interface ReadStep extends Common {
  readonly op: 'read';
  readonly path: string;
  readonly data?: string;
  readonly errno?: string;
  readonly at?: string;
  readonly offset?: number;
  readonly held_fd?: boolean;
  readonly volatile?: boolean;
}

/** One write(2) of a tool, and what the kernel answered: the fields of a `write` step. */
export type ToolWrite = Pick<
  WriteStep,
  'path' | 'data' | 'result' | 'errno' | 'at' | 'ret' | 'env'
>;

/** A module that a tool had loaded or unloaded. */
export interface ToolModule {
  readonly module: string;
  readonly action: 'load' | 'unload';
  readonly result?: 'ok';
  readonly errno?: string;
}

/**
 * What a command printed of a path: a node, or the sorted names in a directory or behind a pattern.
 */
export type ShownNode =
  | RecordedNode
  | { readonly t: 'names'; readonly names: readonly string[] }
  | { readonly t: 'base'; readonly of: string };

export interface RunStep extends Common {
  readonly op: 'run';
  readonly kind: 'cli' | 'shell' | 'module' | 'probe';
  readonly argv: string;
  readonly status?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly env?: boolean;
  readonly volatile?: boolean;
  readonly background?: boolean;
  /**
   * What the command wrote, in order. Absent: not known yet (`conformance/add-writes` finds out).
   */
  readonly writes?: readonly (ToolWrite | ToolModule)[];
  readonly shows?: Readonly<Record<string, ShownNode>>;
  /** Never in a file: why `writes`, derived just now, cannot be what the command wrote. */
  readonly doubt?: string;
}

export interface RecordedEvent {
  readonly action: string;
  readonly devpath: string;
  readonly subsystem: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface UeventsStep extends Common {
  readonly op: 'uevents';
  readonly events: readonly RecordedEvent[];
}

export interface DeltaStep extends Common {
  readonly op: 'delta';
  readonly scope: string;
  readonly add: Readonly<Record<string, RecordedNode>>;
  readonly change: Readonly<Record<string, RecordedNode>>;
  readonly remove: readonly string[];
  readonly late?: readonly string[] | string;
  readonly racy?: boolean;
}

export interface RecordedBlock {
  readonly state: string;
  readonly valid_zones: readonly string[];
  readonly node: number;
  readonly online?: string | number;
  readonly removable?: string | number;
}

export interface RecordedZone {
  readonly node: number;
  readonly zone: string;
  readonly present: number;
  readonly managed: number;
  readonly spanned?: number;
}

export interface StateStep extends Common {
  readonly op: 'state';
  readonly blocks?: Readonly<Record<string, RecordedBlock | null>>;
  readonly blocks_complete?: boolean;
  readonly block_summary?: readonly {
    readonly count: number;
    readonly state: string;
    readonly valid_zones: readonly string[];
  }[];
  readonly iomem?: readonly string[];
  readonly iomem_full?: readonly string[];
  readonly iomem_head?: readonly string[];
  readonly zones?: readonly RecordedZone[];
  readonly nodes?: Readonly<Record<string, string>>;
  readonly dev?: Readonly<Record<string, string | null>>;
  readonly dev_full?: Readonly<Record<string, string>>;
  readonly resync?: boolean;
  readonly racy?: boolean;
}

export interface TreeStep extends Common {
  readonly op: 'tree';
  readonly root: string;
  readonly nodes: Readonly<Record<string, RecordedNode>>;
  readonly partial?: string;
}

export interface DmesgStep extends Common {
  readonly op: 'dmesg';
  readonly lines: readonly string[];
}

export type Step =
  | WriteStep
  | ReadStep
  | RunStep
  | UeventsStep
  | DeltaStep
  | StateStep
  | TreeStep
  | DmesgStep;

export interface Trace {
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
}

/** The file is not a recording, or one of a later format. */
export class TraceFormatError extends UnreadableFileError {
  constructor(file: string, line: number, reason: string) {
    super(file, reason, line);
    this.name = 'TraceFormatError';
  }
}

function parseLine(text: string, file: string, line: number): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    throw new TraceFormatError(file, line, 'found text that is not JSON');
  }
  throw new TraceFormatError(file, line, 'found a JSON value that is not an object');
}

/** Throws TraceFormatError. Contents stay as recorded: one code point is one byte. */
export function parseTrace(text: string, file: string): Trace {
  const lines = text.split('\n');
  const header = parseLine(lines[0] ?? '', file, 1);
  if (!('trace' in header && 'abi' in header && 'topology' in header && 'boot' in header)) {
    throw new TraceFormatError(
      file,
      1,
      'the first line is not a header: it needs trace, abi, topology and boot',
    );
  }
  const mistake = mistakeIn(header, HEADER_SHAPE);
  if (mistake !== undefined) throw new TraceFormatError(file, 1, mistake);
  const steps: Step[] = [];
  for (const [index, each] of lines.entries()) {
    if (index === 0 || each === '') continue;
    const step = parseLine(each, file, index + 1);
    const shape = 'op' in step ? stepShape(step.op) : undefined;
    if (shape === undefined)
      throw new TraceFormatError(file, index + 1, 'found a step without a known op');
    const wrong = mistakeIn(step, shape);
    if (wrong !== undefined) throw new TraceFormatError(file, index + 1, wrong);
    steps.push({ ...step, line: index + 1 } as Step);
  }
  return { header: header as TraceHeader, steps };
}
