/**
 * The one interface through which everything above the model reads and writes a machine: sysfs paths. The
 * transports: a machine in this process; the /sys in sight, of a box or of a real host, which is the same code, since a box
 * is a mount; a running box from outside, over a socket.
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
  readonly reason: string;

  constructor(errno: string, operation: string, path: string, reason: string) {
    super(`${errno}: ${reason}, ${operation} '${path}'`);
    this.name = 'SysfsError';
    this.errno = errno;
    this.operation = operation;
    this.path = path;
    this.reason = reason;
  }
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** The length of `name` without the digits at its end. */
function stemLength(name: string): number {
  let length = name.length;
  while (length > 0 && isDigit(name.charCodeAt(length - 1))) length -= 1;
  return length;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/**
 * Orders `memory9` before `memory10`. Names that differ in their last number only are compared as numbers: there may be
 * half a million of them.
 */
export function sortByNumber(names: readonly string[]): string[] {
  const groups = new Map<string, { readonly name: string; readonly number: number }[]>();
  for (const name of names) {
    const length = stemLength(name);
    const stem = name.slice(0, length);
    const entry = { name, number: length === name.length ? -1 : Number(name.slice(length)) };
    const group = groups.get(stem);
    if (group === undefined) groups.set(stem, [entry]);
    else group.push(entry);
  }
  return [...groups.values()]
    .sort(([a], [b]) => COLLATOR.compare(a?.name ?? '', b?.name ?? ''))
    .flatMap((group) => group.sort((a, b) => a.number - b.number).map(({ name }) => name));
}
