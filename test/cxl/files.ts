/**
 * System calls on a machine for tests: one open, one read or write, close. What fails is thrown.
 */
import { KernelError } from '../../src/errno.ts';
import type { KernfsFile, KernfsNode } from '../../src/kernfs/node.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import { resolve } from '../../src/kernfs/resolve.ts';
import { errnoOf } from '../errno-of.ts';
import type { CxlMachine } from './topologies.ts';

const ALL = 1 << 20;

function fileAt({ kernel }: CxlMachine, path: string): KernfsFile {
  const node = resolve(kernel.root, `/sys/${path}`);
  if (node.kind !== 'file') throw new Error(`${path} is not a file`);
  return node;
}

export function read(machine: CxlMachine, path: string): string {
  return new OpenFile(fileAt(machine, path), { read: true, write: false }).read(0, ALL);
}

/** Writes, and lets the machine come to rest. */
export function write(machine: CxlMachine, path: string, text: string): void {
  try {
    new OpenFile(fileAt(machine, path), { read: false, write: true }).write(text);
  } finally {
    machine.kernel.work.settle();
  }
}

/** The errno of a write, or `ok`. */
export function outcome(machine: CxlMachine, path: string, text: string): string {
  return errnoOf(() => write(machine, path, text));
}

export function exists({ kernel }: CxlMachine, path: string): boolean {
  try {
    resolve(kernel.root, `/sys/${path}`, false);
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

export function list({ kernel }: CxlMachine, path: string): string[] {
  const node = resolve(kernel.root, `/sys/${path}`);
  return node.kind === 'directory' ? [...node.names()].sort() : [];
}

/** `ACTION DEVPATH` of the events of `subsystems` while `action` runs. */
export function eventsOf(
  machine: CxlMachine,
  action: () => void,
  subsystems: readonly string[] = ['cxl', 'nd'],
): string[] {
  const events: string[] = [];
  const stop = machine.kernel.uevents.subscribe((event) => {
    if (subsystems.includes(event.subsystem))
      events.push(`${event.action} ${event.devpath.split('/').at(-1)}`);
  });
  action();
  stop();
  return events;
}

/** A node as recordings write it. */
export type RecordedNode = Readonly<Record<string, string>>;

/** All nodes from `root` on, by path. */
export function dump(machine: CxlMachine, root: string): Map<string, RecordedNode> {
  const nodes = new Map<string, RecordedNode>();
  collect(resolve(machine.kernel.root, root), root, nodes);
  return nodes;
}

function collect(node: KernfsNode, path: string, nodes: Map<string, RecordedNode>): void {
  if (node.kind === 'link') {
    nodes.set(path, { t: 'link', to: node.read() });
    return;
  }
  const mode = node.mode.toString(8).padStart(4, '0');
  if (node.kind === 'directory') {
    nodes.set(path, { t: 'dir', mode });
    for (const name of node.names()) {
      const child = node.lookup(name);
      if (child !== undefined) collect(child, `${path}/${name}`, nodes);
    }
    return;
  }
  nodes.set(path, { t: 'file', mode, ...content(node) });
}

function content(file: KernfsFile): RecordedNode {
  try {
    return { data: new OpenFile(file, { read: true, write: false }).read(0, ALL) };
  } catch (error) {
    if (error instanceof KernelError) return { errno: error.errno };
    throw error;
  }
}
