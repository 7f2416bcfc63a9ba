/**
 * Requests about the mount itself.
 */
import { PAGE_SIZE } from '../units.ts';
import type { Handler } from './session.ts';
import {
  FUSE_MAJOR,
  FUSE_MINOR,
  FUSE_MINOR_OLDEST,
  INIT_FLAG,
  INIT_FLAG2,
  MAX_WRITE,
} from './wire/flags.ts';
import type { Request } from './wire/message.ts';
import { INIT_IN, INIT_OUT, INIT_OUT_SIZE, STATFS_OUT, STATFS_OUT_SIZE } from './wire/structs.ts';

const WANTED_FLAGS = INIT_FLAG.ATOMIC_O_TRUNC | INIT_FLAG.BIG_WRITES | INIT_FLAG.PARALLEL_DIROPS;
const MAX_BACKGROUND = 16;
const NAME_MAX = 255;

function offersDirectMappings(request: Request, flags: number): boolean {
  if ((flags & INIT_FLAG.INIT_EXT) === 0 || request.bodySize < INIT_IN.size) return false;
  return (request.u32(INIT_IN.at.flags2) & INIT_FLAG2.DIRECT_IO_ALLOW_MMAP) !== 0;
}

/** Settles the ABI. EOPNOTSUPP for a kernel before Linux 3.15. */
export const init: Handler = (session, request, reply) => {
  const major = request.u32(INIT_IN.at.major);
  const minor = request.u32(INIT_IN.at.minor);
  if (major < FUSE_MAJOR || (major === FUSE_MAJOR && minor < FUSE_MINOR_OLDEST))
    return 'EOPNOTSUPP';
  reply.body(INIT_OUT_SIZE);
  reply.setU32(INIT_OUT.at.major, FUSE_MAJOR);
  reply.setU32(INIT_OUT.at.minor, FUSE_MINOR);
  // A kernel with a newer major version asks again in ours.
  if (major > FUSE_MAJOR) return 'ok';
  const flags = request.u32(INIT_IN.at.flags);
  session.directMappings =
    session.options.memory !== undefined && offersDirectMappings(request, flags);
  const extension = session.directMappings ? INIT_FLAG.INIT_EXT : 0;
  reply.setU32(INIT_OUT.at.flags, (flags & WANTED_FLAGS) | extension);
  if (session.directMappings) reply.setU32(INIT_OUT.at.flags2, INIT_FLAG2.DIRECT_IO_ALLOW_MMAP);
  reply.setU32(INIT_OUT.at.max_readahead, request.u32(INIT_IN.at.max_readahead));
  reply.setU16(INIT_OUT.at.max_background, MAX_BACKGROUND);
  reply.setU32(INIT_OUT.at.max_write, MAX_WRITE);
  reply.setU32(INIT_OUT.at.time_gran, 1);
  session.options.trace?.(`names are ${session.leases === undefined ? 'asked for' : 'leased'}`);
  return 'ok';
};

/** All counts are 0, as on sysfs. */
export const statfs: Handler = (_session, _request, reply) => {
  reply.body(STATFS_OUT_SIZE);
  reply.setU32(STATFS_OUT.at.bsize, PAGE_SIZE);
  reply.setU32(STATFS_OUT.at.frsize, PAGE_SIZE);
  reply.setU32(STATFS_OUT.at.namelen, NAME_MAX);
  return 'ok';
};

/** The last request of a mount, sent for some kinds of mount only. */
export const destroy: Handler = () => 'ok';

/** A request is served whole before the next one is read, so there is nothing left to interrupt. */
export const interrupt: Handler = () => 'ok';
