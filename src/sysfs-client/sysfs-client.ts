/**
 * The one interface through which everything above the model reads and writes a machine: sysfs paths. Three transports:
 * a machine in this process, a running box, a real host; the last two are the same code, since a box is a mount.
 */
export interface SysfsClient {
  /** The whole content. Fails with SysfsError. */
  read(path: string): Promise<string>;
  /** One write(2). Fails with SysfsError. */
  write(path: string, text: string): Promise<void>;
  /** The text of a link. Fails with SysfsError. */
  readlink(path: string): Promise<string>;
  /** The names in a directory, sorted by number where they end in one. Fails with SysfsError. */
  list(path: string): Promise<string[]>;
  /** Calls `changed` whenever the attribute is notified, until the returned function is called. */
  watch(path: string, changed: () => void): () => void;
}

/** A refused operation, with the errno that a program would see. */
export class SysfsError extends Error {
  readonly errno: string;
  readonly operation: string;
  readonly path: string;

  constructor(errno: string, operation: string, path: string, reason: string) {
    super(`${errno}: ${reason}, ${operation} '${path}'`);
    this.name = 'SysfsError';
    this.errno = errno;
    this.operation = operation;
    this.path = path;
  }
}

/** Orders `memory9` before `memory10`. */
export function sortByNumber(names: string[]): string[] {
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
