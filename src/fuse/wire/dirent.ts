/**
 * Entries of a directory listing: a struct fuse_dirent with the name behind it, padded to 8 bytes
 * (FUSE_DIRENT_ALIGN).
 */
import { DIRENT } from './structs.ts';

export const DIRENT_ALIGN = 8;

/** FUSE_DIRENT_SIZE */
export function direntSize(nameLength: number): number {
  return Math.ceil((DIRENT.size + nameLength) / DIRENT_ALIGN) * DIRENT_ALIGN;
}
