/**
 * Files by the paths at which they were found. A name that leads to a node goes on doing so until
 * something is removed: nothing can be put in its place before.
 */
import { fileAt } from './access.ts';
import type { KernfsFile, KernfsRoot } from './node.ts';

/** Files that are held for their paths at most: all that a usual machine has been asked for. */
const CAPACITY = 4096;

export class PathCache {
  private readonly root: KernfsRoot;
  private readonly files = new Map<string, KernfsFile>();
  private removals: number;

  constructor(root: KernfsRoot) {
    this.root = root;
    this.removals = root.removals;
  }

  /** As fileAt(): ENOENT, ENOTDIR, ELOOP; EISDIR for a directory. */
  fileAt(path: string): KernfsFile {
    if (this.removals !== this.root.removals) this.forget();
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const found = fileAt(this.root, path);
    if (this.files.size === CAPACITY) this.forget();
    this.files.set(path, found);
    return found;
  }

  private forget(): void {
    this.files.clear();
    this.removals = this.root.removals;
  }
}
