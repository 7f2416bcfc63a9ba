/**
 * Requests about files that are memory. The page cache must be used for mappings and not for
 * read(2) and write(2), which a dax device refuses: that is what direct I/O with shared mappings
 * (Linux 6.6) is for. Only a request of a program itself carries its lock owner; only one of the
 * page cache carries the cache flag.
 */
import type { MemoryFile } from './dax-memory.ts';
import type { Handler, Outcome, Session } from './session.ts';
import {
  ALWAYS_READY,
  FOPEN_DIRECT_IO,
  FOPEN_KEEP_CACHE,
  FUSE_READ_LOCKOWNER,
  FUSE_WRITE_CACHE,
  OPEN_FLAG,
} from './wire/flags.ts';
import type { Reply, Request } from './wire/message.ts';
import {
  IN_HEADER,
  OPEN_IN,
  OPEN_OUT,
  POLL_OUT,
  READ_IN,
  RELEASE_IN,
  WRITE_IN,
  WRITE_OUT,
} from './wire/structs.ts';

type MemoryHandler = (
  file: MemoryFile,
  session: Session,
  request: Request,
  reply: Reply,
) => Outcome;

const PID_AT = IN_HEADER.at.pid - IN_HEADER.size;

function memoryFileOf(session: Session, request: Request): MemoryFile | undefined {
  const { memory } = session.options;
  if (memory === undefined) return undefined;
  const node = session.nodes.get(request.nodeId)?.node;
  return node?.kind === 'file' ? memory.fileOf(node) : undefined;
}

/** `memory` for files that are memory, `other` for all others. */
export function memoryOr(memory: MemoryHandler, other: Handler): Handler {
  return (session, request, reply) => {
    const file = memoryFileOf(session, request);
    return file === undefined
      ? other(session, request, reply)
      : memory(file, session, request, reply);
  };
}

/** O_TRUNC would make the kernel throw away pages that other processes have stored to. */
export const open: MemoryHandler = (file, session, request, reply) => {
  if (request.u32(OPEN_IN.at.flags) & OPEN_FLAG.TRUNC) return 'EINVAL';
  file.open(request.u32(PID_AT));
  reply.body(OPEN_OUT.size);
  reply.setU64(OPEN_OUT.at.fh, session.memoryFiles.open(file));
  reply.setU32(OPEN_OUT.at.open_flags, session.directMappings ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE);
  return 'ok';
};

export const read: MemoryHandler = (file, session, request, reply) => {
  if (session.directMappings && request.u32(READ_IN.at.transfer_flags) & FUSE_READ_LOCKOWNER) {
    file.refused('read');
    return 'EINVAL';
  }
  const size = Math.min(request.u32(READ_IN.at.size), reply.capacity);
  file.fault(request.u64(READ_IN.at.offset), reply.data(0, size), request.u32(PID_AT));
  reply.setBodySize(size);
  return 'ok';
};

export const write: MemoryHandler = (file, session, request, reply) => {
  if (
    session.directMappings &&
    (request.u32(WRITE_IN.at.transfer_flags) & FUSE_WRITE_CACHE) === 0
  ) {
    file.refused('write');
    return 'EINVAL';
  }
  const size = request.u32(WRITE_IN.at.size);
  file.writeBack(request.u64(WRITE_IN.at.offset), request.data(WRITE_IN.size, size));
  reply.body(WRITE_OUT.size);
  reply.setU32(WRITE_OUT.at.size, size);
  return 'ok';
};

export const release: MemoryHandler = (_file, session, request) => {
  session.memoryFiles.close(request.u64(RELEASE_IN.at.fh))?.release();
  return 'ok';
};

/** device_dax has no poll: always ready, and nothing ever wakes a poller. */
export const poll: MemoryHandler = (_file, _session, _request, reply) => {
  reply.body(POLL_OUT.size);
  reply.setU32(POLL_OUT.at.revents, ALWAYS_READY);
  return 'ok';
};
