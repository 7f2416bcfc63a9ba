/**
 * What a long look at a machine is reading, on a terminal: each operation is too short for a timer
 * to run, and there may be thousands.
 */
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';

/** Where the line goes, and when. */
export interface ProgressOutput {
  write(text: string): void;
  /** Milliseconds. */
  now(): number;
}

const PATIENCE = 1000;
const INTERVAL = 200;
const ERASE_LINE = '\r\x1b[2K';

export class ProgressLine {
  private readonly output: ProgressOutput;
  private nextAt: number;
  private count = 0;
  private shown = false;

  constructor(output: ProgressOutput) {
    this.output = output;
    this.nextAt = output.now() + PATIENCE;
  }

  /** The client, whose operations are counted from now on. */
  watching(client: SysfsClient): SysfsClient {
    return {
      read: (path) => client.read(this.step(path)),
      write: (path, text) => client.write(this.step(path), text),
      readlink: (path) => client.readlink(this.step(path)),
      list: (path) => client.list(this.step(path)),
      watch: (path, changed) => client.watch(path, changed),
    };
  }

  private step(path: string): string {
    this.count += 1;
    const now = this.output.now();
    if (now < this.nextAt) return path;
    this.nextAt = now + INTERVAL;
    this.shown = true;
    this.output.write(`${ERASE_LINE}${this.count} files and directories read, now ${path}`);
    return path;
  }

  end(): void {
    if (this.shown) this.output.write(ERASE_LINE);
  }
}

/** Runs `work` with a client whose progress a terminal at standard error shows. */
export async function withProgress<T>(
  client: SysfsClient,
  work: (client: SysfsClient) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return await work(client);
  const line = new ProgressLine({
    write: (text) => void process.stderr.write(text),
    now: () => performance.now(),
  });
  try {
    return await work(line.watching(client));
  } finally {
    line.end();
  }
}
