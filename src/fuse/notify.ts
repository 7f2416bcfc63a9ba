/**
 * Messages to the kernel that answer no request.
 */
import { FUSE_NOTIFY_INVAL_INODE } from './wire/flags.ts';
import { Reply } from './wire/message.ts';
import { NOTIFY_INVAL_INODE_OUT, OUT_HEADER } from './wire/structs.ts';

/**
 * What became of a message: `absent` if the kernel holds no such node, `unknown` if it does not
 * know this kind of message.
 */
export type Notified = 'sent' | 'absent' | 'unknown';

/** Sends a message, e.g. by writing it to the device. */
export type Notify = (message: Uint8Array) => Notified;

/** As `offset` of an invalidation: no pages, only what stat(2) and permission checks use. */
export const ATTRIBUTES_ONLY = -1;

/**
 * FUSE_NOTIFY_INVAL_INODE (`fuse_reverse_inval_inode`): the kernel forgets the attributes of node
 * `id`, and its pages from `offset` on, `length` bytes or, if that is 0, all. Written over
 * `message` where one is given.
 */
export function inodeInvalidation(
  id: number,
  offset: number,
  length: number,
  message = new Reply(Buffer.alloc(OUT_HEADER.size + NOTIFY_INVAL_INODE_OUT.size)),
): Uint8Array {
  message.body(NOTIFY_INVAL_INODE_OUT.size);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.ino, id);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.off, offset);
  message.setU64(NOTIFY_INVAL_INODE_OUT.at.len, length);
  message.finishNotification(FUSE_NOTIFY_INVAL_INODE);
  return message.bytes;
}
