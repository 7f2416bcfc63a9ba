/**
 * The whole tree: every link leads somewhere, every attribute can be read as sysfs reads, and what
 * links say of each other agrees.
 */
import { KernelError } from '../../../src/errno.ts';
import type { KernfsDirectory, KernfsFile } from '../../../src/kernfs/node.ts';
import { OpenFile } from '../../../src/kernfs/open-file.ts';
import { PAGE_SIZE } from '../../../src/units.ts';
import { BrokenInvariant } from '../machine-run.ts';
import type { SysfsView } from '../sysfs-view.ts';
import { must } from './must.ts';

/** All of the tree by path; a file's text, or the errno that reading it gives. */
export type TreeDump = Map<string, string>;

/**
 * Processors are the host's: a box mounts its `devices/system/cpu` into the tree, a machine in a
 * test has none.
 */
const OF_HOST = /^\.\.\/\.\.\/cpu\/cpu\d+$/;
/** The machine's log and events, which only grow: not a state. */
const HISTORY = '/sys/kernel/debug/cxlbox';
/** Below the port of a host bridge or of another switch. */
const SWITCH_PORT = /^\/sys\/devices\/.*\/port\d+\/port\d+$/;
const READ_BITS = 0o444;
const WHOLE = 1 << 22;

function text(path: string, file: KernfsFile): string {
  if ((file.mode & READ_BITS) === 0) return '(write only)';
  try {
    return new OpenFile(file, { read: true, write: false }).read(0, WHOLE);
  } catch (error) {
    if (error instanceof KernelError) return `(${error.errno})`;
    throw new BrokenInvariant(`reading ${path} throws ${error}`, { cause: error });
  }
}

function checkText(path: string, file: KernfsFile, content: string): void {
  if (file.options.binary === true || !path.startsWith('/sys/') || content.startsWith('(')) return;
  must(content.length < PAGE_SIZE, () => `${path}: ${content.length} bytes`);
  must(content === '' || content.endsWith('\n'), () => `${path} does not end in a newline`);
}

/**
 * A switch port stays behind without its PCI function, on Linux as well, if it never got an
 * endpoint: it goes with its last one, and there was none, since no driver took the port
 * (`drivers_autoprobe` was 0, or the probe failed). Its links to PCI dangle then: `uport` to the
 * switch, `parent_dport` to the port above it if that is gone as well.
 */
function outlivedItsFunction(
  view: SysfsView,
  port: KernfsDirectory,
  path: string,
  link: string,
): boolean {
  const name = link.slice(path.length + 1);
  return (
    SWITCH_PORT.test(path) &&
    (name === 'uport' || name === 'parent_dport') &&
    view.node(`${path}/uport`) === undefined &&
    ![...port.names()].some((each) => /^(port|endpoint)\d+$/.test(each))
  );
}

function dumpBelow(
  view: SysfsView,
  directory: KernfsDirectory,
  path: string,
  dump: TreeDump,
): void {
  for (const name of directory.names()) {
    const at = `${path}/${name}`;
    if (at === HISTORY) continue;
    const node = directory.lookup(name);
    if (node === undefined) throw new BrokenInvariant(`${at} is listed and cannot be looked up`);
    must(!dump.has(at), () => `${at} is listed twice`);
    if (node.kind === 'link') {
      const to = node.read();
      const leads = OF_HOST.test(to) || view.node(at) !== undefined;
      must(leads || outlivedItsFunction(view, directory, path, at), () => `${at} -> ${to} dangles`);
      dump.set(at, `-> ${to}`);
    } else if (node.kind === 'file') {
      const content = text(at, node);
      checkText(at, node, content);
      dump.set(at, `${node.mode.toString(8)} ${content}`);
    } else {
      dump.set(at, 'directory');
      dumpBelow(view, node, at, dump);
    }
  }
}

export function dumpTree(view: SysfsView): TreeDump {
  const dump: TreeDump = new Map();
  dumpBelow(view, view.root, '', dump);
  return dump;
}

/** The path of the node to which the link at `path` leads. */
function target(dump: TreeDump, path: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of (dump.get(path) ?? '').slice('-> '.length).split('/'))
    if (part === '..') parts.pop();
    else parts.push(part);
  return parts.join('/');
}

/** A device is on its bus, its bus knows it; a driver has its devices, they have it. */
export function checkTree(dump: TreeDump): void {
  for (const [path, value] of dump) {
    if (!value.startsWith('-> ')) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const end = target(dump, path);
    const onBus = /^\/sys\/bus\/([^/]+)\/(devices|drivers\/([^/]+))\/([^/]+)$/.exec(path);
    if (onBus !== null && name !== 'module') {
      const [, bus = '', , driver] = onBus;
      must(end.endsWith(`/${name}`), () => `${path} leads to ${end}`);
      const link = driver === undefined ? 'subsystem' : 'driver';
      const place = driver === undefined ? `/sys/bus/${bus}` : `/sys/bus/${bus}/drivers/${driver}`;
      must(
        target(dump, `${end}/${link}`) === place,
        () => `${path}: ${end}/${link} does not lead back`,
      );
    }
    if (!path.startsWith('/sys/devices/')) continue;
    const device = path.slice(0, path.lastIndexOf('/'));
    const own = device.slice(device.lastIndexOf('/') + 1);
    const isBusLink = name === 'subsystem' && end.startsWith('/sys/bus/');
    if (isBusLink || name === 'driver') {
      const back = isBusLink ? `${end}/devices/${own}` : `${end}/${own}`;
      must(target(dump, back) === device, () => `${device} is not among ${end}`);
    }
  }
}
