/**
 * System calls on a machine's tree, with the outcome as a recording writes it.
 */
import { KernelError } from '../errno.ts';
import type { KernfsDirectory, KernfsNode } from '../kernfs/node.ts';
import { OpenFile } from '../kernfs/open-file.ts';
import { resolve } from '../kernfs/resolve.ts';

export interface Failure {
  readonly errno: string;
  readonly at: 'open' | 'io';
}

export type WriteOutcome = { readonly written: number } | Failure;
export type ReadOutcome = { readonly data: string } | Failure;

export function failed(outcome: object): outcome is Failure {
  return 'errno' in outcome;
}

/** Larger than any file of the tree: a recorded read takes all there is. */
const READ_SIZE = 1 << 20;

/** Runs `action`; a refusal of the model becomes a Failure. */
function attempt<T extends object>(at: Failure['at'], action: () => T): T | Failure {
  try {
    return action();
  } catch (error) {
    if (error instanceof KernelError) return { errno: error.errno, at };
    throw error;
  }
}

export class TreeFiles {
  readonly root: KernfsDirectory;
  private readonly store: (file: OpenFile, data: string) => number;

  /** `store` does one write, after which the machine is at rest. */
  constructor(root: KernfsDirectory, store: (file: OpenFile, data: string) => number) {
    this.root = root;
    this.store = store;
  }

  /** lstat(2) with `follow` false; undefined if nothing is there. */
  lookup(path: string, follow = true): KernfsNode | undefined {
    const found = attempt('open', () => ({ node: resolve(this.root, path, follow) }));
    return failed(found) ? undefined : found.node;
  }

  open(path: string, access: 'read' | 'write'): OpenFile | Failure {
    return attempt('open', () => {
      const node = resolve(this.root, path);
      if (node.kind !== 'file')
        throw new KernelError(access === 'read' ? 'EACCES' : 'EISDIR', `${path} is not a file`);
      return new OpenFile(node, { read: access === 'read', write: access === 'write' });
    });
  }

  write(path: string, data: string): WriteOutcome {
    const file = this.open(path, 'write');
    return failed(file) ? file : this.writeTo(file, data);
  }

  writeTo(file: OpenFile, data: string): WriteOutcome {
    return attempt('io', () => ({ written: this.store(file, data) }));
  }

  /** A directory opens for reading; read(2) of it is EISDIR. */
  read(path: string, offset = 0): ReadOutcome {
    if (this.lookup(path)?.kind === 'directory') return { errno: 'EISDIR', at: 'io' };
    const file = this.open(path, 'read');
    return failed(file) ? file : this.readFrom(file, offset);
  }

  readFrom(file: OpenFile, offset = 0): ReadOutcome {
    return attempt('io', () => ({ data: file.read(offset, READ_SIZE) }));
  }

  /** The content, or undefined if it cannot be read. */
  text(path: string): string | undefined {
    const outcome = this.read(path);
    return failed(outcome) ? undefined : outcome.data;
  }

  /** Names in a directory in the order in which sysfs lists them; empty if it is none. */
  list(path: string): string[] {
    const node = this.lookup(path);
    return node?.kind === 'directory' ? node.sortedNames() : [];
  }
}
