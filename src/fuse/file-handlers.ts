/**
 * Requests about open files. The rules of open, read and write are kernfs' own (`OpenFile`).
 */
import { isKernelError } from '../errno.ts';
import type { KernfsFile } from '../kernfs/node.ts';
import { type Access, OpenFile } from '../kernfs/open-file.ts';
import type { FileHandle, Handler, Outcome, Session } from './session.ts';
import {
  ALWAYS_READY,
  FOPEN_DIRECT_IO,
  FOPEN_NONSEEKABLE,
  FOPEN_STREAM,
  FUSE_POLL_SCHEDULE_NOTIFY,
  OPEN_FLAG,
  POLL_MASK,
} from './wire/flags.ts';
import {
  OPEN_IN,
  OPEN_OUT,
  POLL_IN,
  POLL_OUT,
  READ_IN,
  RELEASE_IN,
  WRITE_IN,
  WRITE_OUT,
} from './wire/structs.ts';

const STREAM_FLAGS = FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE | FOPEN_STREAM;
const NOTIFIED = POLL_MASK.ERR | POLL_MASK.PRI;

/**
 * Direct I/O: each read(2) and write(2) arrives as it was made, and a file that is longer than its
 * st_size can be read.
 */
export const open: Handler = (session, request, reply) => {
  const node = session.nodes.get(request.nodeId)?.node;
  if (node === undefined) return 'ENOENT';
  if (node.kind !== 'file') return node.kind === 'directory' ? 'EISDIR' : 'ELOOP';
  const mode = request.u32(OPEN_IN.at.flags) & OPEN_FLAG.ACCMODE;
  const write = mode === OPEN_FLAG.WRONLY || mode === OPEN_FLAG.RDWR;
  const opened = openFile(session, node, { read: mode !== OPEN_FLAG.WRONLY, write });
  reply.body(OPEN_OUT.size);
  reply.setU64(OPEN_OUT.at.fh, session.files.open({ open: opened }));
  reply.setU32(OPEN_OUT.at.open_flags, opened.isStream ? STREAM_FLAGS : FOPEN_DIRECT_IO);
  return 'ok';
};

function openFile(session: Session, node: KernfsFile, access: Access): OpenFile {
  return session.options.open?.(node, access) ?? new OpenFile(node, access);
}

export const read: Handler = (session, request, reply) => {
  const handle = session.files.get(request.u64(READ_IN.at.fh));
  if (handle === undefined) return 'EBADF';
  const size = Math.min(request.u32(READ_IN.at.size), reply.capacity);
  const text = handle.open.read(request.u64(READ_IN.at.offset), size);
  reply.setText(0, text);
  reply.setBodySize(text.length);
  return 'ok';
};

/** The offset is ignored: one write(2) is one `store`. */
export const write: Handler = (session, request, reply) => {
  const handle = session.files.get(request.u64(WRITE_IN.at.fh));
  if (handle === undefined) return 'EBADF';
  const text = request.text(WRITE_IN.size, request.u32(WRITE_IN.at.size));
  const taken = store(session, handle, text);
  if (typeof taken !== 'number') return taken;
  reply.body(WRITE_OUT.size);
  reply.setU32(WRITE_OUT.at.size, taken);
  return 'ok';
};

function store(session: Session, handle: FileHandle, text: string): number | Outcome {
  try {
    return session.options.write?.(handle.open, text) ?? handle.open.write(text);
  } catch (error) {
    if (!isKernelError(error)) throw error;
    return error.errno;
  } finally {
    session.options.afterWrite?.(handle.open.file);
    session.polls.wakeRemoved();
  }
}

export const release: Handler = (session, request) => {
  const handle = session.files.close(request.u64(RELEASE_IN.at.fh));
  if (handle === undefined) return 'ok';
  session.polls.drop(handle.open);
  handle.open.close();
  return 'ok';
};

export const poll: Handler = (session, request, reply) => {
  const handle = session.files.get(request.u64(POLL_IN.at.fh));
  if (handle === undefined) return 'EBADF';
  if (request.u32(POLL_IN.at.flags) & FUSE_POLL_SCHEDULE_NOTIFY) {
    session.polls.watch(handle.open, request.opaque64(POLL_IN.at.kh));
  }
  reply.body(POLL_OUT.size);
  reply.setU32(POLL_OUT.at.revents, ALWAYS_READY | (handle.open.poll().notified ? NOTIFIED : 0));
  return 'ok';
};
