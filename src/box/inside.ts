/**
 * What `cxlbox` has of a box that it opens: the process that made the namespaces, and the sockets
 * to the shells and to the machine inside.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Duplex, PassThrough } from 'node:stream';
import { FD, INSIDE, RECORD, SCRIPT_END } from './keeper.ts';
import { exitStatus } from './signals.ts';
import { spawnFailure } from './spawn-failure.ts';
import { STDERR } from './standard-error.ts';

const STREAMS = [FD.control, FD.machine, FD.go, FD.sockets] as const;

/** How a script ended, and what it printed. */
export interface Ran {
  readonly status: number;
  readonly text: string;
}

/** What is left of a box when all of it is gone. */
export interface Remains {
  /** Status of unshare, which is that of the first process. */
  readonly status: number;
  /** What unshare and the shells said that belongs to no script. */
  readonly messages: string;
  /** The namespaces were made. */
  readonly entered: boolean;
}

/** A record that is no answer to a script, and what was printed before it. */
export interface Said {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/**
 * Other errors of the child are of its streams, which break when it ends: that is seen by itself.
 */
function isSpawnError(error: NodeJS.ErrnoException): boolean {
  return error.syscall?.startsWith('spawn') === true;
}

function spawnInside(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  try {
    return spawn('unshare', args, {
      stdio: [
        ...['inherit', 'inherit', 'pipe', 'pipe'],
        STDERR,
        ...['pipe', 'pipe', 'ignore', 'pipe'],
      ] as ('inherit' | 'pipe' | 'ignore' | number)[],
      cwd: '/',
      env: { ...process.env, ...environment },
    });
  } catch (error) {
    throw spawnFailure(error, 'CXLBOX_NO_UNSHARE');
  }
}

export class Inside {
  readonly child: ChildProcess;
  /** Rejects with CXLBOX_NO_UNSHARE, CXLBOX_LIMIT: nothing was started. */
  readonly closed: Promise<Remains>;
  /** In place of all streams, if nothing was started: the child has none then. */
  private readonly nowhere = new PassThrough();
  private said = '';
  private printed = '';
  private readonly waiting: ((ran: Ran) => void)[] = [];
  private readonly onRecord: (record: Said) => void;

  /** `args` are those of unshare(1). Throws CXLBOX_NO_UNSHARE, CXLBOX_LIMIT. */
  constructor(
    args: readonly string[],
    environment: Readonly<{ [name: string]: string }>,
    onRecord: (record: Said) => void,
  ) {
    this.onRecord = onRecord;
    this.child = spawnInside(args, environment);
    this.closed = new Promise((gone, failed) => {
      this.child.on('exit', () => this.end());
      this.child.on('close', (code, signal) => gone(this.remains(exitStatus(code, signal))));
      this.child.on('error', (error) => {
        if (isSpawnError(error)) failed(spawnFailure(error, 'CXLBOX_NO_UNSHARE'));
      });
    });
    this.closed.catch(() => {});
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    for (const descriptor of STREAMS) this.stream(descriptor).on('error', () => {});
    this.stream(FD.control).on('data', (chunk: Buffer) => this.hear(chunk.toString()));
  }

  /** One of `STREAMS`. */
  stream(descriptor: number): Duplex {
    const streams: ChildProcess['stdio'] | undefined = this.child.stdio;
    return (streams?.[descriptor] as Duplex | undefined) ?? this.nowhere;
  }

  /** Has the shells run a script, after those that they were given before. */
  run(script: string): Promise<Ran> {
    this.stream(FD.control).write(`${script}\n${SCRIPT_END}\n`);
    return new Promise((ran) => this.waiting.push(ran));
  }

  /** Ends the box, if it has not ended. */
  end(): void {
    for (const descriptor of STREAMS) this.stream(descriptor).destroy();
  }

  private remains(status: number): Remains {
    const entered = this.said.startsWith(INSIDE);
    const rest = entered ? this.said.slice(INSIDE.length) : this.said;
    return { status, messages: `${rest}${this.printed}`.trim(), entered };
  }

  private hear(text: string): void {
    this.printed += text;
    for (;;) {
      const start = this.printed.indexOf(RECORD);
      const end = this.printed.indexOf('\n', start);
      if (start < 0 || end < 0) return;
      const line = this.printed.slice(start + RECORD.length, end);
      const before = this.printed.slice(0, start);
      this.printed = this.printed.slice(end + 1);
      const blank = line.indexOf(' ');
      this.take({ name: line.slice(0, blank), value: line.slice(blank + 1), text: before.trim() });
    }
  }

  private take(record: Said): void {
    if (record.name !== 'done') this.onRecord(record);
    else this.waiting.shift()?.({ status: Number(record.value), text: record.text });
  }
}
