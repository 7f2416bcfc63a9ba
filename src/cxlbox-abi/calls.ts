/**
 * `calls`: system calls of programs in the box, which its bridge brings and takes orders for.
 */
import type { BoxFileDeclaration } from './box-file.ts';

export const CALLS: BoxFileDeclaration = {
  path: 'calls',
  mode: 0o600,
  content: 'written: a system call, or an answer; read: what to do for it. One opener at a time',
  page: 'bridge.md',
};
