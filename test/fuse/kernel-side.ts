/**
 * What a kernel would know of the nodes and handles that a server gave it: kept by the messages and
 * answers alone.
 */
import type { KernfsDirectory, KernfsNode } from '../../src/kernfs/node.ts';
import type { Known } from './random-messages.ts';
import { HEADER, isWellFormed } from './request-sizes.ts';

const ROOT = 1;
const OPCODE_AT = 4;
const NODE_AT = 16;

interface Held {
  readonly id: number;
  readonly node: KernfsNode;
  lookups: number;
}

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

export class KernelSide implements Known {
  nodes: Held[];
  readonly files: number[] = [];
  readonly memoryFiles: number[] = [];
  readonly directories: number[] = [];
  private readonly byId = new Map<number, Held>();
  /** As they were when a node was first seen. */
  private readonly modes = new Map<KernfsNode, number>();
  private readonly isMemory: (node: KernfsNode) => boolean;

  constructor(root: KernfsDirectory, isMemory: (node: KernfsNode) => boolean) {
    const held = { id: ROOT, node: root, lookups: 1 };
    this.modes.set(root, root.mode);
    this.nodes = [held];
    this.byId.set(ROOT, held);
    this.isMemory = isMemory;
  }

  get held(): { nodes: number; files: number; directories: number } {
    return {
      nodes: this.byId.size,
      files: this.files.length + this.memoryFiles.length,
      directories: this.directories.length,
    };
  }

  /** Takes note of a message that was sent, and of its answer. */
  note(message: Buffer, answer: Buffer | undefined): void {
    if (!isWellFormed(message)) return;
    const effect = this.effects[message.readUInt32LE(OPCODE_AT)];
    if (effect === undefined) return;
    const failed = answer !== undefined && answer.readInt32LE(4) !== 0;
    if (!failed) effect(message, answer ?? Buffer.alloc(0));
  }

  private readonly effects: Readonly<Record<number, (message: Buffer, answer: Buffer) => void>> = {
    1: (message, answer) => this.lookedUp(u64(message, NODE_AT), message, u64(answer, 16)),
    2: (message) => this.forget(u64(message, NODE_AT), u64(message, HEADER)),
    14: (message, answer) => this.filesOf(message).push(u64(answer, 16)),
    18: (message) => this.closed(this.filesOf(message), u64(message, HEADER)),
    27: (_message, answer) => this.directories.push(u64(answer, 16)),
    29: (message) => this.closed(this.directories, u64(message, HEADER)),
    42: (message) => {
      for (let i = 0; i < message.readUInt32LE(HEADER); i += 1)
        this.forget(u64(message, HEADER + 8 + 16 * i), u64(message, HEADER + 16 + 16 * i));
    },
  };

  /** Undoes what SETATTR did to the modes of nodes. */
  restoreModes(): void {
    for (const [node, mode] of this.modes) node.mode = mode;
  }

  private lookedUp(parent: number, message: Buffer, id: number): void {
    const known = this.byId.get(id);
    if (known !== undefined) {
      known.lookups += 1;
      return;
    }
    const directory = this.byId.get(parent)?.node;
    const name = message.toString('latin1', HEADER, message.indexOf(0, HEADER));
    const node = directory?.kind === 'directory' ? directory.lookup(name) : undefined;
    if (node === undefined) throw new Error(`LOOKUP of '${name}' found a node that is not there`);
    const held = { id, node, lookups: 1 };
    if (!this.modes.has(node)) this.modes.set(node, node.mode);
    this.byId.set(id, held);
    this.nodes.push(held);
  }

  private forget(id: number, lookups: number): void {
    const held = this.byId.get(id);
    if (held === undefined || id === ROOT) return;
    held.lookups -= lookups;
    if (held.lookups > 0) return;
    this.byId.delete(id);
    this.nodes = this.nodes.filter((each) => each !== held);
  }

  private filesOf(message: Buffer): number[] {
    const node = this.byId.get(u64(message, NODE_AT))?.node;
    return node !== undefined && this.isMemory(node) ? this.memoryFiles : this.files;
  }

  private closed(handles: number[], handle: number): void {
    const index = handles.indexOf(handle);
    if (index >= 0) handles.splice(index, 1);
  }
}
