/**
 * struct fuse_attr of a node: what stat shows, and what chmod, chown and utimes change.
 */
import type { KernfsFile, KernfsNode } from '../kernfs/node.ts';
import { PAGE_SIZE } from '../units.ts';
import type { HeldNode } from './node-table.ts';
import { FATTR, FILE_TYPE, MODE_BITS } from './wire/flags.ts';
import type { Reply, Request } from './wire/message.ts';
import { ATTR, SETATTR_IN } from './wire/structs.ts';

/** Seconds and nanoseconds since the epoch. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

interface Times {
  readonly access: Timestamp;
  readonly modification: Timestamp;
}

/** One: "unknown" to find(1), as on other file systems that do not count sub-directories. */
const LINK_COUNT = 1;

function sizeOf(file: KernfsFile): number {
  return file.options.size ?? (file.options.binary ? 0 : PAGE_SIZE);
}

function sizeOfNode(node: KernfsNode): number {
  if (node.kind === 'file') return sizeOf(node);
  return node.kind === 'link' ? node.read().length : 0;
}

/**
 * What utimes set lasts as long as the node; all other nodes carry the time at which the tree was
 * mounted.
 */
export class NodeAttributes {
  private readonly touched = new WeakMap<KernfsNode, Times>();
  private readonly initial: Times;
  private readonly now: () => Timestamp;

  constructor(now: () => Timestamp) {
    this.now = now;
    const start = now();
    this.initial = { access: start, modification: start };
  }

  write(reply: Reply, offset: number, held: HeldNode): void {
    const { node } = held;
    const { access, modification } = this.touched.get(node) ?? this.initial;
    reply.setU64(offset + ATTR.at.ino, held.ino);
    reply.setU64(offset + ATTR.at.size, sizeOfNode(node));
    reply.setU64(offset + ATTR.at.atime, access.seconds);
    reply.setU64(offset + ATTR.at.mtime, modification.seconds);
    reply.setU64(offset + ATTR.at.ctime, modification.seconds);
    reply.setU32(offset + ATTR.at.atimensec, access.nanoseconds);
    reply.setU32(offset + ATTR.at.mtimensec, modification.nanoseconds);
    reply.setU32(offset + ATTR.at.ctimensec, modification.nanoseconds);
    reply.setU32(offset + ATTR.at.mode, FILE_TYPE[node.kind] | (node.mode & MODE_BITS));
    reply.setU32(offset + ATTR.at.nlink, LINK_COUNT);
    reply.setU32(offset + ATTR.at.uid, node.uid);
    reply.setU32(offset + ATTR.at.gid, node.gid);
    reply.setU32(offset + ATTR.at.blksize, PAGE_SIZE);
  }

  /**
   * SETATTR. The kernel has checked who may do it; a new size is accepted and ignored, as sysfs
   * does.
   */
  change(request: Request, node: KernfsNode): void {
    const valid = request.u32(SETATTR_IN.at.valid);
    if (valid & FATTR.MODE) node.mode = request.u32(SETATTR_IN.at.mode) & MODE_BITS;
    if (valid & FATTR.UID) node.uid = request.u32(SETATTR_IN.at.uid);
    if (valid & FATTR.GID) node.gid = request.u32(SETATTR_IN.at.gid);
    if (valid & (FATTR.ATIME | FATTR.MTIME)) this.touch(request, node, valid);
    // A link is not kept: its source makes another one at the next lookup, which may lead elsewhere.
    if (node.kind !== 'link') node.keep();
  }

  private touch(request: Request, node: KernfsNode, valid: number): void {
    const { at } = SETATTR_IN;
    const before = this.touched.get(node) ?? this.initial;
    const pick = (
      set: number,
      now: number,
      seconds: number,
      nanoseconds: number,
      old: Timestamp,
    ): Timestamp => {
      if (valid & now) return this.now();
      if ((valid & set) === 0) return old;
      return { seconds: request.i64(seconds), nanoseconds: request.u32(nanoseconds) };
    };
    this.touched.set(node, {
      access: pick(FATTR.ATIME, FATTR.ATIME_NOW, at.atime, at.atimensec, before.access),
      modification: pick(FATTR.MTIME, FATTR.MTIME_NOW, at.mtime, at.mtimensec, before.modification),
    });
  }
}
