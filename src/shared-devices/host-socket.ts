/**
 * The socket on which an attached host can be reached from outside of its box, in the folder of a shared device.
 *
 * The path of a socket has 107 bytes at most, and folders have longer ones: sockets are named below a descriptor of theirs.
 */
import { closeSync, openSync, rmSync } from 'node:fs';

const FOLDER = 'sockets';

export function socketFolder(folder: string): string {
  return `${folder}/${FOLDER}`;
}

/** What `work` gives for a path of the host's socket that is short enough; the path is good until `work` is done. */
export async function withSocketPath<T>(
  folder: string,
  host: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const directory = openSync(socketFolder(folder), 'r');
  try {
    return await work(`/proc/self/fd/${directory}/${host}`);
  } finally {
    closeSync(directory);
  }
}

export function removeSocket(folder: string, host: string): void {
  rmSync(`${socketFolder(folder)}/${host}`, { force: true });
}
