/**
 * Requests about open directories. A listing is a snapshot taken at its start, in sysfs order.
 */
import type { KernfsDirectory } from '../kernfs/node.ts';
import { childInodeNumber } from './inode-number.ts';
import type { DirectoryHandle, Handler } from './session.ts';
import { DIRENT_ALIGN, direntSize } from './wire/dirent.ts';
import { FILE_TYPE, ROOT_NODE_ID } from './wire/flags.ts';
import type { Reply } from './wire/message.ts';
import { DIRENT, OPEN_OUT, READ_IN, RELEASE_IN } from './wire/structs.ts';

const TYPE_SHIFT = 12;
const DT_UNKNOWN = 0;

export const opendir: Handler = (session, request, reply) => {
  const held = session.nodes.get(request.nodeId);
  if (held === undefined || !held.node.active) return 'ENOENT';
  if (held.node.kind !== 'directory') return 'ENOTDIR';
  reply.body(OPEN_OUT.size);
  reply.setU64(
    OPEN_OUT.at.fh,
    session.directories.open({ directory: held.node, ino: held.ino, names: [] }),
  );
  return 'ok';
};

function direntType(directory: KernfsDirectory, name: string): number {
  if (name === '.' || name === '..') return FILE_TYPE.directory >> TYPE_SHIFT;
  const kind = directory.kindOf(name);
  return kind === undefined ? DT_UNKNOWN : FILE_TYPE[kind] >> TYPE_SHIFT;
}

/**
 * The parent's number is not kept: any number but 0 serves for `..`, which everybody resolves by
 * name.
 */
function direntInode(handle: DirectoryHandle, name: string): number {
  if (name === '.') return handle.ino;
  return name === '..' ? ROOT_NODE_ID : childInodeNumber(handle.ino, name);
}

export const readdir: Handler = (session, request, reply) => {
  const handle = session.directories.get(request.u64(READ_IN.at.fh));
  if (handle === undefined) return 'EBADF';
  const start = request.u64(READ_IN.at.offset);
  if (start === 0)
    handle.names = ['.', '..', ...(handle.directory.active ? handle.directory.sortedNames() : [])];
  reply.setBodySize(
    fillEntries(reply, handle, start, Math.min(request.u32(READ_IN.at.size), reply.capacity)),
  );
  return 'ok';
};

/**
 * Writes entries from index `start` on, as many as fit; returns their size. `off` is the index of
 * the next one.
 */
function fillEntries(reply: Reply, handle: DirectoryHandle, start: number, room: number): number {
  let used = 0;
  for (let index = start; index < handle.names.length; index += 1) {
    const name = handle.names[index] ?? '';
    const size = direntSize(name.length);
    if (used + size > room) break;
    // The padding lies in the last 8 bytes, and the name is written over the rest of them.
    reply.setU64(used + size - DIRENT_ALIGN, 0);
    reply.setU64(used + DIRENT.at.ino, direntInode(handle, name));
    reply.setU64(used + DIRENT.at.off, index + 1);
    reply.setU32(used + DIRENT.at.namelen, name.length);
    reply.setU32(used + DIRENT.at.type, direntType(handle.directory, name));
    reply.setText(used + DIRENT.size, name);
    used += size;
  }
  return used;
}

export const releasedir: Handler = (session, request) => {
  session.directories.close(request.u64(RELEASE_IN.at.fh));
  return 'ok';
};
