/**
 * The socket between `cxlbox` and the machine's process. Messages to the machine are framed by
 * their length, and read one at a time when the machine wants one; its own are lines of JSON.
 */
import { readSync, writeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { FD } from './keeper.ts';
import type { FromMachine, ToMachine } from './protocol.ts';

const LENGTH = 4;

/** A machine description holds sets and 64-bit integers, which JSON cannot carry. */
export function tellMachine(stream: Duplex, message: ToMachine): void {
  if (stream.destroyed) return;
  const body = serialize(message);
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32LE(body.length);
  stream.write(length);
  stream.write(body);
}

/** Calls `take` with each message of the machine. */
export function hearMachine(stream: Duplex, take: (message: FromMachine) => void): void {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line) as FromMachine);
  });
}

/** Undefined: the stream has ended. */
function readBytes(count: number): Buffer | undefined {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count; ) {
    const got = readSync(FD.machine, bytes, at, count - at, null);
    if (got === 0) return undefined;
    at += got;
  }
  return bytes;
}

/**
 * In the machine's process: waits for the next message, which must be of the type. Throws where the
 * stream has ended.
 */
export function receive<Type extends ToMachine['type']>(
  type: Type,
): Extract<ToMachine, { type: Type }> {
  const length = readBytes(LENGTH)?.readUInt32LE();
  const body = length === undefined ? undefined : readBytes(length);
  if (body === undefined) throw new Error('cxlbox is gone');
  const message = deserialize(body) as ToMachine;
  if (message.type !== type) throw new Error(`expected the message ${type}, got ${message.type}`);
  return message as Extract<ToMachine, { type: Type }>;
}

/** In the machine's process. If `cxlbox` is gone, so is the box soon: that is seen by itself. */
export function report(message: FromMachine): void {
  try {
    writeSync(FD.machine, `${JSON.stringify(message)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
