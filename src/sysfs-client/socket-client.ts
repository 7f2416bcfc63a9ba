/**
 * Transport to the /sys of a running box from outside, where its mount is not visible: a socket on
 * which the box serves these very operations (`serveSysfs`).
 *
 * One JSON object a line, each way: `{ id, operation, path, text? }`, then `{ id, value? }` or
 * `{ id, errno, reason }`.
 */
import { createConnection, type Socket } from 'node:net';
import { onLines, parseLine } from './socket-lines.ts';
import { type SysfsClient, SysfsError } from './sysfs-client.ts';

export const SYSFS_OPERATIONS = ['read', 'write', 'readlink', 'list'] as const;
export type SysfsOperation = (typeof SYSFS_OPERATIONS)[number];

export interface SysfsRequest {
  readonly id: number;
  readonly operation: SysfsOperation;
  readonly path: string;
  /** What to write. */
  readonly text?: string;
}

export type SysfsResponse =
  | { readonly id: number; readonly value: string | readonly string[] | null }
  | { readonly id: number; readonly errno: string; readonly reason: string };

export interface SocketClientOptions {
  /**
   * Milliseconds that a read, a list or a readlink may take; absent: as long as it takes. A box
   * that is stopped accepts connections, by its backlog, and never answers. Writes have no limit:
   * onlining memory may take long.
   */
  readonly patience?: number | undefined;
}

function isResponse(value: unknown): value is SysfsResponse {
  if (typeof value !== 'object' || value === null || !('id' in value)) return false;
  return 'value' in value || ('errno' in value && 'reason' in value);
}

interface Waiting {
  answered(response: SysfsResponse): void;
  /** The connection ended first. */
  lost(): void;
}

export class SocketClient implements SysfsClient {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly patience: number | undefined;
  private lastId = 0;

  private constructor(socket: Socket, { patience }: SocketClientOptions) {
    this.socket = socket;
    this.patience = patience;
    onLines(socket, (line) => this.receive(line));
    socket.on('close', () => this.lose());
  }

  /** Rejects with the error of connect(2): no box listens at `path`. */
  static connect(path: string, options: SocketClientOptions = {}): Promise<SocketClient> {
    return new Promise((connected, failed) => {
      const socket = createConnection(path);
      socket.once('connect', () => connected(new SocketClient(socket, options)));
      socket.once('error', failed);
    });
  }

  /** At once: a box that is stopped would never end its side. What is not answered yet is lost. */
  close(): void {
    this.socket.destroy();
  }

  async read(path: string): Promise<string> {
    return String(await this.ask('read', path));
  }

  async write(path: string, text: string): Promise<void> {
    await this.ask('write', path, text);
  }

  async readlink(path: string): Promise<string> {
    return String(await this.ask('readlink', path));
  }

  async list(path: string): Promise<string[]> {
    const value = await this.ask('list', path);
    return Array.isArray(value) ? [...value] : [];
  }

  /** Not over a socket: nothing is told that was not asked for. */
  watch(path: string): () => void {
    throw new SysfsError('EOPNOTSUPP', 'watch', path, 'not from outside of the box');
  }

  private ask(
    operation: SysfsOperation,
    path: string,
    text?: string,
  ): Promise<string | readonly string[] | null> {
    this.lastId += 1;
    const request: SysfsRequest = {
      id: this.lastId,
      operation,
      path,
      ...(text === undefined ? {} : { text }),
    };
    return new Promise((done, failed) => {
      const fail = (errno: string, reason: string): void => {
        failed(new SysfsError(errno, operation, path, reason));
      };
      const stopWaiting = this.limit(request, () =>
        fail('ETIMEDOUT', 'the box does not answer: is it stopped?'),
      );
      this.waiting.set(request.id, {
        answered: (response) => {
          stopWaiting();
          if ('value' in response) done(response.value);
          else fail(response.errno, response.reason);
        },
        lost: () => {
          stopWaiting();
          fail('EPIPE', 'the box has ended');
        },
      });
      if (this.socket.writable) this.socket.write(`${JSON.stringify(request)}\n`);
      else this.lose();
    });
  }

  /** Calls `late` when the request has waited too long; returns what ends the wait. */
  private limit({ id, operation }: SysfsRequest, late: () => void): () => void {
    if (this.patience === undefined || operation === 'write') return () => {};
    const timer = setTimeout(() => {
      this.waiting.delete(id);
      late();
    }, this.patience);
    return () => clearTimeout(timer);
  }

  /**
   * What is no response comes from something else than a box: nothing that it says later counts.
   */
  private receive(line: string): void {
    const response = parseLine(line, isResponse);
    if (response === undefined) {
      this.socket.destroy();
      return;
    }
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    waiting?.answered(response);
  }

  private lose(): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of all) waiting.lost();
  }
}
