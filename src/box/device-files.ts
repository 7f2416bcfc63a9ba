/**
 * The machine's device nodes as files in the /dev of the box.
 *
 * A dax device is a second name of a file with its contents: a hard link where that is possible, so
 * that it is a regular file like the others, else a symbolic one. Memory devices are links to
 * character devices, in a box with a bridge. All other nodes are empty files: programs only look
 * whether they exist.
 *
 * All calls are synchronous: a file exists before the write that made the device returns.
 */
import { chmodSync, closeSync, linkSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { DaxFile, DaxFiles } from '../media/dax-files.ts';
import type { CharacterNodes } from './character-nodes.ts';

const DAX_NODE = /^dax\d+\.\d+$/;

function linkAnyhow(target: string, path: string): void {
  try {
    linkSync(target, path);
  } catch (error) {
    // The media are in a folder of the user's, on another file system.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    symlinkSync(target, path);
  }
}

export class DeviceFiles {
  private readonly dev: string;
  private readonly contents: DaxFiles | undefined;
  private readonly nodes: CharacterNodes | undefined;
  /** Dax nodes that are there now. */
  private readonly daxNodes = new Map<string, DeviceNode>();

  /**
   * `dev` is the /dev of the box. Makes the files of all nodes, now and later; without contents dax
   * nodes are empty.
   */
  constructor(kernel: Kernel, dev: string, contents?: DaxFiles, nodes?: CharacterNodes) {
    this.dev = dev;
    this.contents = contents;
    this.nodes = nodes;
    for (const node of kernel.devtmpfs.list()) this.add(node);
    kernel.devtmpfs.subscribe({
      added: (node) => this.add(node),
      removed: (node) => this.remove(node),
    });
    contents?.onChange((name) => {
      const node = this.daxNodes.get(name);
      if (node === undefined) return;
      this.remove(node);
      this.add(node);
    });
  }

  private add(node: DeviceNode): void {
    const path = `${this.dev}/${node.name}`;
    const made = mkdirSync(dirname(path), { recursive: true });
    // Whatever the umask of the user.
    if (made !== undefined) chmodSync(made, 0o755);
    rmSync(path, { force: true });
    const link = this.nodes?.linkOf(node.name);
    if (link !== undefined) {
      symlinkSync(link, path);
      return;
    }
    const file = this.contentsOf(node);
    if (file?.kind === 'served') {
      // Not even looked at: this thread is the one that would have to answer.
      symlinkSync(file.path, path);
      return;
    }
    if (file === undefined) closeSync(openSync(path, 'w'));
    else linkAnyhow(file.path, path);
    chmodSync(path, node.mode & 0o777);
  }

  private contentsOf(node: DeviceNode): DaxFile | undefined {
    if (!DAX_NODE.test(node.name)) return undefined;
    this.daxNodes.set(node.name, node);
    return this.contents?.attach(node);
  }

  private remove(node: DeviceNode): void {
    rmSync(`${this.dev}/${node.name}`, { force: true });
    if (this.daxNodes.delete(node.name)) this.contents?.detach(node.name);
  }
}
