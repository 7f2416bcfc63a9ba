/**
 * Messages to the kernel that answer no request.
 */
import { FUSE_NOTIFY_INVAL_ENTRY, FUSE_NOTIFY_INVAL_INODE } from './wire/flags.ts';
import { Reply } from './wire/message.ts';
import { NOTIFY_INVAL_ENTRY_OUT, NOTIFY_INVAL_INODE_OUT, OUT_HEADER } from './wire/structs.ts';

/**
 * Sends a message, e.g. by writing it to the device. False: the kernel does not know this kind of
 * message.
 */
export type Notify = (message: Uint8Array) => boolean;

/**
 * FUSE_NOTIFY_INVAL_INODE (`fuse_reverse_inval_inode`): the kernel forgets the pages of node `id`
 * from `offset` on, `length` bytes or, if that is 0, all.
 */
export function inodeInvalidation(id: number, offset: number, length: number): Uint8Array {
  const message = new Reply(Buffer.alloc(OUT_HEADER.size + NOTIFY_INVAL_INODE_OUT.size));
  message.body(NOTIFY_INVAL_INODE_OUT.size);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.ino, id);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.off, offset);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.len, length);
  message.finishNotification(FUSE_NOTIFY_INVAL_INODE);
  return message.bytes;
}

/**
 * FUSE_NOTIFY_INVAL_ENTRY (`fuse_reverse_inval_entry`): the kernel looks up `name` in directory
 * `parent` again, and forgets what is in it. Takes the lock of the directory.
 */
export function nameInvalidation(parent: number, name: string): Uint8Array {
  const size = NOTIFY_INVAL_ENTRY_OUT.size + name.length + 1;
  const message = new Reply(Buffer.alloc(OUT_HEADER.size + size));
  message.body(size);
  message.setU64(NOTIFY_INVAL_ENTRY_OUT.at.parent, parent);
  message.setU32(NOTIFY_INVAL_ENTRY_OUT.at.namelen, name.length);
  message.setText(NOTIFY_INVAL_ENTRY_OUT.size, name);
  message.finishNotification(FUSE_NOTIFY_INVAL_ENTRY);
  return message.bytes;
}
