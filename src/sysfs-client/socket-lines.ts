import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Calls `received` for each line. That the other side is gone is told by `close`, whatever the error. */
export function onLines(socket: Socket, received: (line: string) => void): void {
  const lines = createInterface({ input: socket });
  lines.on('line', received);
  lines.on('error', () => {});
  socket.on('error', () => {});
}

/** Undefined: the line is no JSON, or nothing of what is expected. */
export function parseLine<T>(
  line: string,
  isExpected: (value: unknown) => value is T,
): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isExpected(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
