/**
 * Device nodes that are character devices: libcxl wants one to send ioctl(2) to, and a box cannot
 * make any. So a node such as `/dev/cxl/mem0` is a link to a file of its own, on which the host's
 * null device is mounted. Of an open descriptor, the path of that file tells which node it is.
 *
 * The files are prepared: mounts need a process that the machine cannot start while it serves, and
 * a node may come back at any time.
 */
import { chmodSync, closeSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { arrivalOrder } from '../cxl/config.ts';
import type { CxlSubsystem } from '../cxl/subsystem.ts';

/** Mounted on each of the files. */
export const NODE_DEVICE = '/dev/null';
const FOLDER = '.nodes';

/** Below a /dev; also what an open descriptor is called in the view of the command. */
export function nodePath(dev: string, name: string): string {
  return `${dev}/${FOLDER}/${name}`;
}

const MEMDEV = /^cxl\/(mem\d+)$/;
const OPEN_NODE = /^\/dev\/\.nodes\/(mem\d+)$/;

/** Each is a mount. Memory devices beyond have an empty file, as without a bridge. */
const MOST_NODES = 4096;

/** Every name that a memory device of the machine may get. */
export function memdevNodes({ config }: Pick<CxlSubsystem, 'config'>): string[] {
  const devices = arrivalOrder(config);
  const numbers = devices.map(({ memId = -1 }) => memId + 1);
  const count = Math.max(devices.length, ...numbers);
  return Array.from({ length: Math.min(count, MOST_NODES) }, (_, id) => `mem${id}`);
}

export class CharacterNodes {
  private readonly names: ReadonlySet<string>;

  /** Makes the files, which are to be mounted on. */
  constructor(dev: string, names: readonly string[]) {
    this.names = new Set(names);
    if (names.length === 0) return;
    const folder = nodePath(dev, '');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    for (const name of names) closeSync(openSync(nodePath(dev, name), 'w'));
  }

  /** What the node at `name` below /dev is to be a link to; undefined: it is no such node. */
  linkOf(name: string): string | undefined {
    const memdev = MEMDEV.exec(name)?.[1];
    if (memdev === undefined || !this.names.has(memdev)) return undefined;
    return nodePath('..', memdev);
  }
}

/** Name below /dev of the node that a descriptor of a process is open on. */
export function openNode(pid: number, descriptor: number): string | undefined {
  try {
    const memdev = OPEN_NODE.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
    return memdev === undefined ? undefined : `cxl/${memdev}`;
  } catch (error) {
    // The process, or its descriptor, is gone.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
