/**
 * Transport to the /sys that this process sees: a box when it runs inside one, else the real host.
 *
 * Reads are synchronous inside, unless told otherwise: an attribute is answered from memory in
 * microseconds, and a hop to the thread pool for each of the thousands that a survey reads would
 * cost ten times that. Writes can take seconds (onlining memory) and go to the pool.
 */
import { constants, readdirSync, readFileSync, readlinkSync, watch } from 'node:fs';
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { errnoWords } from './errno-words.ts';
import { type SysfsClient, SysfsError, sortByNumber } from './sysfs-client.ts';

/** What Node refuses itself: a path with a NUL, which open(2) cannot be given. */
const OWN_CODES: Readonly<Record<string, string>> = { ERR_INVALID_ARG_VALUE: 'EINVAL' };

function describe(error: unknown, operation: string, path: string): SysfsError {
  const found =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'EIO';
  const code = OWN_CODES[found] ?? found;
  // Node's own message has the code, the call and the path, all of which a SysfsError says itself.
  const words = errnoWords(code);
  const message = error instanceof Error ? error.message : String(error);
  return new SysfsError(code, operation, path, words === code ? message : words);
}

async function attempt<T>(
  operation: string,
  path: string,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw describe(error, operation, path);
  }
}

/**
 * A {@link SysfsClient} of the /sys that this process sees: of a box, in a program that
 * `cxlbox run` started, or else of the real host, where a write changes the host.
 *
 * @example
 * ```ts
 * import { HostClient } from 'cxlbox';
 *
 * const client = new HostClient();
 * console.log(await client.read('/sys/devices/system/node/online')); // /^0/
 * ```
 */
export class HostClient implements SysfsClient {
  private readonly pooled: boolean;

  /**
   * `pooled`: reads go to the thread pool too, for a process whose main thread has to stay free; by
   * default they block it for some microseconds each.
   */
  constructor({ pooled = false }: { readonly pooled?: boolean } = {}) {
    this.pooled = pooled;
  }

  read(path: string): Promise<string> {
    return attempt('read', path, () =>
      this.pooled ? readFile(path, 'latin1') : readFileSync(path, 'latin1'),
    );
  }

  write(path: string, text: string): Promise<void> {
    return attempt('write', path, async () => {
      const file = await open(path, constants.O_WRONLY);
      try {
        await file.write(Buffer.from(text, 'latin1'));
      } finally {
        await file.close();
      }
    });
  }

  readlink(path: string): Promise<string> {
    return attempt('readlink', path, () => (this.pooled ? readlink(path) : readlinkSync(path)));
  }

  list(path: string): Promise<string[]> {
    return attempt('list', path, async () =>
      sortByNumber(this.pooled ? await readdir(path) : readdirSync(path)),
    );
  }

  watch(path: string, changed: () => void): () => void {
    const watcher = watch(path, changed);
    return () => watcher.close();
  }
}
