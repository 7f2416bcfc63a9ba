/**
 * A box that is kept open: the test gives it shell text, again and again. Opening one takes a
 * second of a processor, so tests that need no box of their own share one.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { type Outcome, ROOT } from '../cxlbox.ts';
import { startProgram, USERS, type Who } from './box-process.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');

/** Milliseconds after which a box is killed that does not end, or does not answer. */
const HANGS = 20_000;
const ANSWERS_LATE = 100_000;

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

/** Quoted for the shell, so that it is one word. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `args` are those of `cxlbox run` before the command. */
export function opening(args: readonly string[]): string[] {
  return [process.execPath, CLI, 'run', ...args, '--'];
}

function decoded(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export class OpenBox {
  private readonly child: ChildProcess;
  /** When nothing of the box is left, as far as it holds its standard streams. */
  readonly ended: Promise<Ended>;
  private output = '';
  private errors = '';
  private commands = 0;

  /** `opening` is a program that opens a box around the command after it. */
  constructor(who: Who, opening: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = startProgram(who, [...opening, 'sh'], { env });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('latin1');
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('latin1');
    });
    // Of a box that was killed.
    this.child.stdin?.on('error', () => {});
    this.ended = new Promise((ended) =>
      this.child.on('close', (status) => ended({ status, stderr: this.errors })),
    );
  }

  /** What the text prints, both streams, in the shell of the box. Rejects if the box ends before. */
  async run(script: string): Promise<string> {
    const end = this.nextEnd();
    this.output = '';
    this.child.stdin?.write(`{ ${script}\n} 2>&1; echo "${end.trim()}"\n`);
    await this.until(() => this.output.endsWith(end));
    return this.output.slice(0, -end.length);
  }

  /**
   * Runs the text in a shell of its own, without input, where $FIRST is the first process of the
   * box. Rejects if the box ends before.
   */
  async outcome(script: string): Promise<Outcome> {
    const end = this.nextEnd();
    this.output = '';
    this.errors = '';
    this.child.stdin?.write(
      `: | FIRST=$PPID sh -c ${quoted(script)}; echo " $? ${end.trim()}"; echo "${end.trim()}" >&2\n`,
    );
    await this.until(() => this.output.endsWith(` ${end}`) && this.errors.endsWith(end));
    const [, stdout = '', status] = /^([\s\S]*) (\d+) END \d+\n$/.exec(this.output) ?? [];
    const stderr = this.errors.slice(0, -end.length);
    return { status: Number(status), stdout: decoded(stdout), stderr: decoded(stderr) };
  }

  private nextEnd(): string {
    this.commands += 1;
    return `END ${this.commands}\n`;
  }

  private until(done: () => boolean): Promise<void> {
    const streams = [this.child.stdout, this.child.stderr];
    return new Promise((resolve, failed) => {
      const late = setTimeout(() => void this.kill(), ANSWERS_LATE);
      const look = (): void => {
        if (!done()) return;
        clearTimeout(late);
        for (const stream of streams) stream?.off('data', look);
        resolve();
      };
      for (const stream of streams) stream?.on('data', look);
      void this.ended.then(({ stderr }) => {
        clearTimeout(late);
        failed(new Error(`the box ended: ${stderr}`));
      });
    });
  }

  /**
   * Ends the box as its user does; kills it if what it was told last hangs, as in a test that
   * failed.
   */
  leave(): Promise<Ended> {
    this.child.stdin?.end('exit 0\n');
    const hangs = setTimeout(() => void this.kill(), HANGS);
    return this.ended.finally(() => clearTimeout(hangs));
  }

  /** Kills cxlbox itself, outside of the box. */
  kill(): Promise<Ended> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  /** Kills the first process of cxlbox inside the box. */
  killInside(): Promise<Ended> {
    this.child.stdin?.write('kill -9 $PPID\n');
    return this.ended;
  }
}

interface SuiteOptions {
  /** Shell text that runs after each test, and takes back what tests of this suite do. */
  readonly restore?: string;
  readonly who?: Who;
}

/**
 * One box for the tests of a suite, opened by `command` when the first test runs something in it.
 * Each starts from the machine as the one before left it.
 */
export function boxOfSuite(
  command: readonly string[] | (() => readonly string[]) = opening([]),
  { restore = 'true', who = USERS[0] ?? 'user' }: SuiteOptions = {},
): (script: string) => Promise<Outcome> {
  let box: OpenBox | undefined;
  afterAll(async () => {
    if (box !== undefined) expect((await box.leave()).status).toBe(0);
  });
  return async (script) => {
    const open = box ?? new OpenBox(who, typeof command === 'function' ? command() : command);
    // One that ended is not used again.
    box = undefined;
    const outcome = await open.outcome(script);
    await open.outcome(restore);
    box = open;
    return outcome;
  };
}
