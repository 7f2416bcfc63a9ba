/**
 * Serves a transport's operations on a Unix socket, for SocketClient. Whoever may connect is not to
 * be trusted with more than that: a line of any content leaves the server as it is, and no path
 * leads out of /sys.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { SysfsOperation, SysfsRequest, SysfsResponse } from './socket-client.ts';
import { onLines, parseLine } from './socket-lines.ts';
import { type SysfsClient, SysfsError } from './sysfs-client.ts';

/** The longest line of a request, in bytes: no attribute takes as much. */
const LONGEST_LINE = 2 ** 20;
/** Requests of one client at once; those that come then wait in its socket. */
const MOST_AT_ONCE = 16;
/** Bytes of answers that a client may leave unread, besides the one that takes it over. */
const MOST_UNREAD = 2 ** 24;

/** The one tree that a box is asked about; its user's files are not. */
const ROOT = '/sys/';

type Value = string | readonly string[] | null;

const OPERATIONS: Readonly<
  Record<SysfsOperation, (client: SysfsClient, request: SysfsRequest) => Promise<Value>>
> = {
  read: (client, { path }) => client.read(path),
  write: async (client, { path, text = '' }) => {
    await client.write(path, text);
    return null;
  },
  readlink: (client, { path }) => client.readlink(path),
  list: (client, { path }) => client.list(path),
};

function isOperation(value: unknown): value is SysfsOperation {
  return typeof value === 'string' && Object.hasOwn(OPERATIONS, value);
}

function isRequest(value: unknown): value is SysfsRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { id, operation, path, text } = value as { readonly [Key in keyof SysfsRequest]?: unknown };
  if (typeof id !== 'number' || typeof path !== 'string' || !isOperation(operation)) return false;
  return text === undefined || typeof text === 'string';
}

/** `..` is refused whole: behind a link of /sys it leads elsewhere than the text says. */
function assertInside({ operation, path }: SysfsRequest): void {
  if (path.includes('\0')) throw new SysfsError('EINVAL', operation, path, 'a path holds no NUL');
  if (path.startsWith(ROOT) && !path.split('/').includes('..')) return;
  throw new SysfsError(
    'EACCES',
    operation,
    path,
    `only paths below ${ROOT} are served, without '..'`,
  );
}

async function answer(client: SysfsClient, request: SysfsRequest): Promise<SysfsResponse> {
  const { id, operation } = request;
  try {
    assertInside(request);
    return { id, value: await OPERATIONS[operation](client, request) };
  } catch (error) {
    if (error instanceof SysfsError) return { id, errno: error.errno, reason: error.reason };
    throw error;
  }
}

/** A client, and what it asked for and was not given yet. */
class Connection {
  private readonly client: SysfsClient;
  private readonly socket: Socket;
  private readonly waiting: SysfsRequest[] = [];
  private running = 0;

  constructor(client: SysfsClient, socket: Socket) {
    this.client = client;
    this.socket = socket;
    onLines(socket, (line) => this.receive(line), LONGEST_LINE);
  }

  /** A line that is not a request ends the connection: its sender speaks another protocol. */
  private receive(line: string): void {
    const request = parseLine(line, isRequest);
    if (request === undefined) {
      this.socket.destroy();
      return;
    }
    this.waiting.push(request);
    this.serve();
  }

  private serve(): void {
    while (this.running < MOST_AT_ONCE && !this.socket.destroyed) {
      const request = this.waiting.shift();
      if (request === undefined) break;
      this.running += 1;
      answer(this.client, request)
        .then(
          (response) => this.send(response),
          () => this.socket.destroy(),
        )
        .finally(() => {
          this.running -= 1;
          this.serve();
        });
    }
    if (this.waiting.length > 0) this.socket.pause();
    else this.socket.resume();
  }

  /** A client that asks and does not read is dropped: its answers would fill the memory. */
  private send(response: SysfsResponse): void {
    if (this.socket.writableLength > MOST_UNREAD) this.socket.destroy();
    else this.socket.write(`${JSON.stringify(response)}\n`);
  }
}

/** Rejects with the error of bind(2), such as EINVAL for a path that is too long. */
export function serveSysfs(client: SysfsClient, path: string): Promise<Server> {
  const server = createServer((socket) => void new Connection(client, socket));
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(path, () => listening(server));
  });
}
