/**
 * All attributes and links of booted machines, as patterns.
 */

import type { Kernel } from '../driver-core/kernel.ts';
import type { KernfsDirectory, KernfsFile, KernfsNode } from '../kernfs/node.ts';
import type { Source } from '../kernfs/source.ts';
import type { AbiProfile } from '../platform/profiles/index.ts';
import { componentPattern, devicePattern } from './patterns.ts';

/** One pattern, as far as it was seen. */
export interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'link';
  /** Octal, four digits; none for a link. */
  readonly modes: Set<string>;
  readonly profiles: Set<AbiProfile>;
  /** `devtype` of the devices that have it, where they have one. */
  readonly devtypes: Set<string>;
  /** What its nodes name as their source. */
  readonly sources: Set<string>;
}

/** These directories hold a link to every device, which says no more than the bus or class does. */
const LISTINGS = /^\/sys\/(?:bus\/[^/]+\/devices|class\/[^/]+|dev\/char)$/;

function devtypeOf(directory: KernfsDirectory): string | undefined {
  const file = directory.lookup('devtype');
  return file?.kind === 'file' ? file.content.show?.().trim() : undefined;
}

export class Survey {
  private readonly found = new Map<string, Entry>();

  /** Takes in the tree as it is now. */
  add(kernel: Kernel, profile: AbiProfile): void {
    this.walk(kernel.sys, '/sys', undefined, profile);
    this.walk(kernel.proc, '/proc', undefined, profile);
  }

  /** By path. */
  entries(): Entry[] {
    return [...this.found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  private walk(
    directory: KernfsDirectory,
    path: string,
    devtype: string | undefined,
    profile: AbiProfile,
  ): void {
    const device = devicePattern(directory);
    const at = device ?? path;
    const type = device === undefined ? (devtypeOf(directory) ?? devtype) : devtypeOf(directory);
    for (const name of directory.names()) {
      const node = directory.lookup(name);
      if (node === undefined) continue;
      const below = LISTINGS.test(at) ? `${at}/DEVICE` : `${at}/${componentPattern(name)}`;
      if (node.kind === 'directory')
        this.walk(node, `${at}/${componentPattern(name)}`, type, profile);
      else this.note(node, below, type, profile);
    }
  }

  private note(
    node: Exclude<KernfsNode, KernfsDirectory>,
    path: string,
    devtype: string | undefined,
    profile: AbiProfile,
  ): void {
    const entry = this.found.get(path) ?? {
      path,
      kind: node.kind,
      modes: new Set<string>(),
      profiles: new Set<AbiProfile>(),
      devtypes: new Set<string>(),
      sources: new Set<string>(),
    };
    this.found.set(path, entry);
    if (node.kind === 'file') entry.modes.add(modeOf(node));
    entry.profiles.add(profile);
    const source = node.kind === 'file' ? node.content.source : node.source;
    if (source !== undefined) entry.sources.add(sourceText(source));
    if (devtype !== undefined) entry.devtypes.add(devtype);
  }
}

function sourceText({ document, code }: Source): string {
  return document === undefined ? code : `${document}; ${code}`;
}

function modeOf(file: KernfsFile): string {
  return (file.mode & 0o7777).toString(8).padStart(4, '0');
}
