/**
 * The loop between the device and the dispatch: read a request, serve it, write the answer. It is
 * synchronous and keeps its thread busy until the mount is gone, so it belongs in a worker thread;
 * nothing in that thread may touch a path below the mount.
 */
import { readSync, writeSync } from 'node:fs';
import { FuseServer } from './server.ts';
import type { ServerOptions } from './session.ts';

/** Codes of a failed read or write of the device after which the mount goes on. */
const HARMLESS = new Set<string | undefined>([
  // The request was interrupted before it was read, or its asker is gone before the answer.
  'ENOENT',
  'EINTR',
  'EAGAIN',
]);
/** The mount is gone: unmounted, or aborted. */
const MOUNT_GONE = new Set<string | undefined>(['ENODEV', 'ECONNABORTED']);
const MOUNT_POLL_MILLISECONDS = 1;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

function sleep(milliseconds: number): void {
  Atomics.wait(sleepCell, 0, 0, milliseconds);
}

/** Reads one request. 0: none yet; undefined: the mount is gone. */
function receive(device: number, input: Buffer): number | undefined {
  try {
    return readSync(device, input, 0, input.length, null);
  } catch (error) {
    const code = codeOf(error);
    if (HARMLESS.has(code)) return 0;
    if (MOUNT_GONE.has(code)) return undefined;
    // Until mount(2) is done with the descriptor, reading it is not permitted.
    if (code !== 'EPERM') throw error;
    sleep(MOUNT_POLL_MILLISECONDS);
    return 0;
  }
}

function send(device: number, message: Uint8Array): void {
  try {
    writeSync(device, message, 0, message.length);
  } catch (error) {
    const code = codeOf(error);
    if (!HARMLESS.has(code) && !MOUNT_GONE.has(code)) throw error;
  }
}

/** Sends what answers no request. False: the kernel does not know it. */
function notify(device: number, message: Uint8Array): boolean {
  try {
    send(device, message);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EINVAL') return false;
    throw error;
  }
}

/**
 * The loop ends its turn after this many requests: only then can the engine collect the targets of
 * weak references, which are children that are created on lookup.
 */
const REQUESTS_A_TURN = 4096;

function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}

/** Serves one turn. False: the mount is gone. */
function serveTurn(device: number, server: FuseServer): boolean {
  for (let requests = 0; requests < REQUESTS_A_TURN; requests += 1) {
    const length = receive(device, server.input);
    if (length === undefined) return false;
    const answer = server.dispatch(length);
    if (!server.deliver(answer) && answer !== undefined) send(device, answer);
  }
  return true;
}

/**
 * Serves `options.root` on the open FUSE device; resolves when the mount is gone. Waits for a mount
 * that does not exist yet. The thread can do nothing else meanwhile.
 */
export async function serve(device: number, options: ServerOptions): Promise<void> {
  const server = new FuseServer(options, (message) => notify(device, message));
  while (serveTurn(device, server)) {
    server.prune();
    await nextTurn();
  }
}
