/**
 * Synchronous reading of a machine's public tree, for those who choose what to do next and for
 * invariants. Nothing here looks into the model.
 */
import { KernelError } from '../../src/errno.ts';
import type { KernfsDirectory, KernfsNode } from '../../src/kernfs/node.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';

const WHOLE = Number.MAX_SAFE_INTEGER;

/** `/sys/bus/BUS/devices/NAME`, a link, and what is behind it. */
const BUS_DEVICE = /^(\/sys\/bus\/\w+\/devices\/[^/]+)(?:\/(.*))?$/;

export class SysfsView {
  readonly root: KernfsDirectory;
  /** Where the links of buses led last: the same directory as long as it is active. */
  private readonly devices = new Map<string, KernfsNode>();

  constructor(root: KernfsDirectory) {
    this.root = root;
  }

  /** The node at the absolute path, links followed; undefined if there is none. */
  node(path: string): KernfsNode | undefined {
    const [, device, rest] = BUS_DEVICE.exec(path) ?? [];
    if (device === undefined) return this.walk(this.root, path);
    const directory = this.deviceAt(device);
    return rest === undefined || directory === undefined ? directory : this.walk(directory, rest);
  }

  private deviceAt(path: string): KernfsNode | undefined {
    const known = this.devices.get(path);
    if (known?.active) return known;
    const node = this.walk(this.root, path);
    if (node === undefined) this.devices.delete(path);
    else this.devices.set(path, node);
    return node;
  }

  /** As the kernel's path walk, without an error for what is missing. */
  private walk(from: KernfsNode, path: string): KernfsNode | undefined {
    let at: KernfsNode | undefined = from;
    const todo = path.split('/').reverse();
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === '') continue;
      if (at?.kind !== 'directory') return undefined;
      const next: KernfsNode | undefined = part === '..' ? at.parent : at.lookup(part);
      if (next?.kind === 'link') todo.push(...next.read().split('/').reverse());
      else at = next;
    }
    return at;
  }

  exists(path: string): boolean {
    return this.lookup(path) !== undefined;
  }

  /** The node itself, which may be a link. */
  private lookup(path: string): KernfsNode | undefined {
    const slash = path.lastIndexOf('/');
    const directory = this.node(path.slice(0, slash));
    return directory?.kind === 'directory' ? directory.lookup(path.slice(slash + 1)) : undefined;
  }

  /** Names in a directory that match, none if there is no such directory. */
  names(path: string, pattern?: RegExp): string[] {
    const node = this.node(path);
    if (node?.kind !== 'directory') return [];
    const names = [...node.names()];
    return pattern === undefined ? names : names.filter((name) => pattern.test(name));
  }

  /** The text of a file without its newline; undefined if the file is not there or refuses. */
  read(path: string): string | undefined {
    const file = this.node(path);
    if (file?.kind !== 'file') return undefined;
    try {
      const text = new OpenFile(file, { read: true, write: false }).read(0, WHOLE);
      return text.endsWith('\n') ? text.slice(0, -1) : text;
    } catch (error) {
      if (error instanceof KernelError) return undefined;
      throw error;
    }
  }

  number(path: string): number {
    return Number(this.read(path));
  }

  /** The components of a link's text. */
  link(path: string): string[] {
    const node = this.lookup(path);
    return node?.kind === 'link' ? node.read().split('/') : [];
  }

  /** The name of what a link leads to. */
  linkName(path: string): string | undefined {
    return this.link(path).at(-1);
  }
}

export const CXL_DEVICES = '/sys/bus/cxl/devices';
export const DAX_DEVICES = '/sys/bus/dax/devices';
export const MEMORY = '/sys/devices/system/memory';
export const NODES = '/sys/devices/system/node';

export const REGION = /^region\d+$/;
export const DECODER = /^decoder\d+\.\d+$/;

/** Names of devices that the bus cxl has. */
export function cxlDevices(view: SysfsView, pattern: RegExp): string[] {
  return view.names(CXL_DEVICES, pattern);
}

/** The names of root decoders, those of windows. */
export function rootDecoders(view: SysfsView): string[] {
  return cxlDevices(view, DECODER).filter((name) =>
    view.exists(`${CXL_DEVICES}/${name}/delete_region`),
  );
}

/** The names of endpoint decoders. */
export function endpointDecoders(view: SysfsView): string[] {
  return cxlDevices(view, DECODER).filter((name) => view.exists(`${CXL_DEVICES}/${name}/dpa_size`));
}

/** The name of the device below which a device of the bus cxl hangs. */
export function parentOf(view: SysfsView, device: string): string {
  return view.node(`${CXL_DEVICES}/${device}`)?.parent?.name ?? '';
}
