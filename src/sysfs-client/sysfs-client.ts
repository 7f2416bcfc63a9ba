/**
 * The one interface through which everything above the model reads and writes a machine: sysfs
 * paths. {@link MachineClient} serves a machine in this process, {@link HostClient} the /sys that
 * this process sees, of a box or of a real host. Code that takes a `SysfsClient` runs on both.
 *
 * Paths are absolute, from `/`: `/sys/bus/cxl/devices/region0/size`, `/proc/iomem`. Contents are
 * byte strings: one code point, 0 to 255, a byte. Numbers in them are in the kernel's own units,
 * which for sizes and addresses is bytes.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient, type SysfsClient } from 'cxlbox';
 *
 * async function regionSizes(client: SysfsClient): Promise<Map<string, number>> {
 *   const names = await client.list('/sys/bus/cxl/devices');
 *   const sizes = new Map<string, number>();
 *   for (const name of names.filter((each) => /^region\d+$/.test(each)))
 *     sizes.set(name, Number(await client.read(`/sys/bus/cxl/devices/${name}/size`)));
 *   return sizes;
 * }
 *
 * const client = new MachineClient(boot(loadMachine('default')));
 * console.log((await regionSizes(client)).get('region0')); // 4294967296
 * ```
 */
export interface SysfsClient {
  /**
   * The whole content of a file, usually with a newline at its end. Rejects with
   * {@link SysfsError}.
   */
  read(path: string): Promise<string>;
  /**
   * One open, one write(2) of `text`, one close. Resolves when what the write causes has happened:
   * probes, hotplug, uevents. Rejects with {@link SysfsError}.
   */
  write(path: string, text: string): Promise<void>;
  /** The text of a link, as it stands: relative in sysfs. Rejects with {@link SysfsError}. */
  readlink(path: string): Promise<string>;
  /**
   * The names in a directory, sorted, `memory9` before `memory10`. Rejects with
   * {@link SysfsError}.
   */
  list(path: string): Promise<string[]>;
  /**
   * Calls `changed`, without arguments, when the file is notified, until the function that it
   * returns is called. A path that cannot be watched throws at once.
   *
   * What notifies differs. {@link MachineClient}: what the kernel notifies by sysfs_notify(), which
   * are few attributes (`memN/security/state`) and the `log` and `events` of
   * `/sys/kernel/debug/cxlbox`; a new value of `state`, `size` or `online_type` does not.
   * {@link HostClient}: inotify events of the file, so writes by other programs too. To follow
   * devices and memory blocks, use {@link uevents}.
   */
  watch(path: string, changed: () => void): () => void;
}

/**
 * A refused operation, with the errno that a program would see.
 *
 * @example
 * ```ts
 * import { boot, loadMachine, MachineClient, SysfsError } from 'cxlbox';
 *
 * const client = new MachineClient(boot(loadMachine('default')));
 * try {
 *   await client.write('/sys/bus/cxl/devices/region0/size', '1\n');
 * } catch (error) {
 *   if (!(error instanceof SysfsError)) throw error;
 *   console.log(error.code); // EBUSY
 *   console.log(error.reason); // region0 has a size already, write 0 first
 * }
 * ```
 */
export class SysfsError extends Error {
  /** The name of the errno, such as `EBUSY`: where Node's own errors have it. */
  readonly code: string;
  /** The same as `code`. */
  readonly errno: string;
  /** The method that was called: `read`, `write`, `readlink`, `list`, `watch`. */
  readonly operation: string;
  /** The path that it was called with. */
  readonly path: string;
  /** Why, in words: the model's reason for a machine, the errno in words for a host. */
  readonly reason: string;

  constructor(errno: string, operation: string, path: string, reason: string) {
    super(`${errno}: ${reason}, ${operation} '${path}'`);
    this.name = 'SysfsError';
    this.code = errno;
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
 * Orders `memory9` before `memory10`. Names that differ in their last number only are compared as
 * numbers: there may be half a million of them.
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
