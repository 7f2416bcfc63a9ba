import type { Socket } from 'node:net';

const NEWLINE = 0x0a;

/**
 * Calls `received` for each line. That the other side is gone is told by `close`, whatever the
 * error. A line of more than `longest` bytes ends the connection: what has no end would fill the
 * memory.
 */
export function onLines(
  socket: Socket,
  received: (line: string) => void,
  longest = Number.POSITIVE_INFINITY,
): void {
  let parts: Buffer[] = [];
  let length = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      const part = chunk.subarray(start, end < 0 ? chunk.length : end);
      parts.push(part);
      length += part.length;
      if (length > longest) {
        socket.destroy();
        return;
      }
      if (end < 0) return;
      const line = Buffer.concat(parts).toString();
      [parts, length, start] = [[], 0, end + 1];
      received(line);
      if (socket.destroyed) return;
    }
  });
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
