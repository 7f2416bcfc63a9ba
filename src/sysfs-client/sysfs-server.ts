/**
 * Serves a transport's operations on a Unix socket, for SocketClient.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { SysfsOperation, SysfsRequest, SysfsResponse } from './socket-client.ts';
import { onLines } from './socket-lines.ts';
import { type SysfsClient, SysfsError } from './sysfs-client.ts';

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

async function answer(client: SysfsClient, request: SysfsRequest): Promise<SysfsResponse> {
  const { id, operation } = request;
  try {
    return { id, value: await OPERATIONS[operation](client, request) };
  } catch (error) {
    if (error instanceof SysfsError) return { id, errno: error.errno, reason: error.reason };
    throw error;
  }
}

/** A line that is no request ends the connection: whoever sends it speaks something else. */
function serveLine(client: SysfsClient, socket: Socket, line: string): void {
  let request: SysfsRequest;
  try {
    request = JSON.parse(line) as SysfsRequest;
  } catch {
    socket.destroy();
    return;
  }
  if (!Object.hasOwn(OPERATIONS, request.operation)) {
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
