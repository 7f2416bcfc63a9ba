/**
 * Which handler answers which request, and which errno the others get.
 */
import type { Errno } from '../errno.ts';
import * as memory from './dax-handlers.ts';
import * as directories from './directory-handlers.ts';
import * as files from './file-handlers.ts';
import * as nodes from './node-handlers.ts';
import type { Handler } from './session.ts';
import * as mount from './session-handlers.ts';
import { OPCODE, OPCODE_END, type OpcodeName } from './wire/opcodes.ts';

const HANDLERS: Readonly<Partial<Record<OpcodeName, Handler>>> = {
  INIT: mount.init,
  DESTROY: mount.destroy,
  INTERRUPT: mount.interrupt,
  STATFS: mount.statfs,
  LOOKUP: nodes.lookup,
  FORGET: nodes.forget,
  BATCH_FORGET: nodes.batchForget,
  GETATTR: nodes.getattr,
  SETATTR: nodes.setattr,
  READLINK: nodes.readlink,
  OPEN: memory.memoryOr(memory.open, files.open),
  READ: memory.memoryOr(memory.read, files.read),
  WRITE: memory.memoryOr(memory.write, files.write),
  RELEASE: memory.memoryOr(memory.release, files.release),
  POLL: memory.memoryOr(memory.poll, files.poll),
  OPENDIR: directories.opendir,
  READDIR: directories.readdir,
  RELEASEDIR: directories.releasedir,
};

/** What sysfs refuses to everybody, root included. */
const REFUSALS: Readonly<Partial<Record<OpcodeName, Errno>>> = {
  CREATE: 'EACCES',
  MKNOD: 'EPERM',
  MKDIR: 'EPERM',
  SYMLINK: 'EPERM',
  LINK: 'EPERM',
  UNLINK: 'EPERM',
  RMDIR: 'EPERM',
  RENAME: 'EPERM',
  RENAME2: 'EPERM',
  TMPFILE: 'EOPNOTSUPP',
  IOCTL: 'ENOTTY',
};

/**
 * ENOSYS tells the kernel not to ask again: for FLUSH, FSYNC and extended attributes it saves a
 * request each time.
 */
const notImplemented: Handler = () => 'ENOSYS';

/** Handlers by opcode, without gaps. */
const BY_OPCODE: readonly Handler[] = (() => {
  const table = new Array<Handler>(OPCODE_END).fill(notImplemented);
  for (const [name, errno] of Object.entries(REFUSALS))
    table[OPCODE[name as OpcodeName]] = () => errno;
  for (const [name, handler] of Object.entries(HANDLERS))
    table[OPCODE[name as OpcodeName]] = handler;
  return table;
})();

export function handlerOf(opcode: number): Handler {
  return BY_OPCODE[opcode] ?? notImplemented;
}
