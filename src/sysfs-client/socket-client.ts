/**
 * Transport to the /sys of a running box from outside, where its mount is not in sight: a socket on which the box serves
 * these very operations (`serveSysfs`).
 *
 * One JSON object a line, each way: `{ id, operation, path, text? }`, then `{ id, value? }` or `{ id, errno, reason }`.
 */
import { createConnection, type Socket } from 'node:net';
import { onLines } from './socket-lines.ts';
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

interface Waiting {
  readonly request: SysfsRequest;
  answered(response: SysfsResponse): void;
  /** The connection ended first. */
  lost(): void;
}

export class SocketClient implements SysfsClient {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    onLines(socket, (line) => this.receive(line));
    socket.on('close', () => this.lose());
  }

  /** Rejects with the error of connect(2): nobody listens at `path`. */
  static connect(path: string): Promise<SocketClient> {
    return new Promise((connected, failed) => {
      const socket = createConnection(path);
      socket.once('connect', () => connected(new SocketClient(socket)));
      socket.once('error', failed);
    });
  }

  close(): void {
    this.socket.end();
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
      this.waiting.set(request.id, {
        request,
        answered: (response) => {
          if ('value' in response) done(response.value);
          else failed(new SysfsError(response.errno, operation, path, response.reason));
        },
        lost: () => failed(new SysfsError('EPIPE', operation, path, 'the box has ended')),
      });
      if (this.socket.writable) this.socket.write(`${JSON.stringify(request)}\n`);
      else this.lose();
    });
  }

  private receive(line: string): void {
    const response = JSON.parse(line) as SysfsResponse;
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
