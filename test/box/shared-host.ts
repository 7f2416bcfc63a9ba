/**
 * A box of a machine with shared devices, kept open: the test gives it shell text, again and again.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../cxlbox.ts';
import { startProgram, type Who } from './box-process.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');

/** Milliseconds. */
const HANGS = 20_000;

export interface HostOptions {
  /** Value of CXLBOX_SHARED. */
  readonly root: string;
  /** Arguments of `cxlbox run` before the command. */
  readonly args: readonly string[];
}

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

export class Host {
  private readonly child: ChildProcess;
  /** When nothing of the box is left, as far as it holds its standard streams. */
  readonly ended: Promise<Ended>;
  private output = '';
  private errors = '';
  private commands = 0;

  constructor(who: Who, { root, args }: HostOptions) {
    this.child = startProgram(who, [process.execPath, CLI, 'run', ...args, '--', 'sh'], {
      env: { CXLBOX_SHARED: root },
    });
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

  /** What the text prints, both streams. Rejects if the box ends before. */
  run(script: string): Promise<string> {
    this.commands += 1;
    const end = `END ${this.commands}\n`;
    this.output = '';
    this.child.stdin?.write(`{ ${script}\n} 2>&1; echo "${end.trim()}"\n`);
    return new Promise((done, failed) => {
      const look = (): void => {
        if (this.output.endsWith(end)) done(this.output.slice(0, -end.length));
      };
      this.child.stdout?.on('data', look);
      void this.ended.then(({ stderr }) => failed(new Error(`the box ended: ${stderr}`)));
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
