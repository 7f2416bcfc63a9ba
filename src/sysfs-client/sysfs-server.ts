/**
 * Serves a transport's operations on a Unix socket, for SocketClient. Whoever may connect is not to be trusted with more
 * than that: a line of any content leaves the server as it is, and no path leads out of /sys.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { SysfsOperation, SysfsRequest, SysfsResponse } from './socket-client.ts';
import { onLines, parseLine } from './socket-lines.ts';
import { type SysfsClient, SysfsError } from './sysfs-client.ts';

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

/** A line that is no request ends the connection: whoever sends it speaks something else. */
function serveLine(client: SysfsClient, socket: Socket, line: string): void {
  const request = parseLine(line, isRequest);
  if (request === undefined) {
    socket.destroy();
    return;
  }
  answer(client, request).then(
    (response) => void socket.write(`${JSON.stringify(response)}\n`),
    () => socket.destroy(),
  );
}

/** Rejects with the error of bind(2), such as EINVAL for a path that is too long. */
export function serveSysfs(client: SysfsClient, path: string): Promise<Server> {
  const server = createServer((socket) => {
    onLines(socket, (line) => serveLine(client, socket, line));
  });
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(path, () => listening(server));
  });
}
