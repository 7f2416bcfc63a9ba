/**
 * What a write of user space is to a machine, wherever it comes from: the file takes it or refuses
 * it, the log has the reason of a refusal, and the machine comes to rest before the writer is
 * answered. By how long the answer is late, `kernel.owed` counts.
 */
import type { Kernel } from '../driver-core/kernel.ts';
import { isKernelError } from '../errno.ts';
import { fileAt } from '../kernfs/access.ts';
import { type KernfsFile, pathOf } from '../kernfs/node.ts';
import { type Access, OpenFile } from '../kernfs/open-file.ts';

function tellRefusal(kernel: Kernel, path: string, error: unknown): void {
  if (isKernelError(error)) kernel.log.refused(path, error);
}

/** open(2). A refused open for writing is logged as a refused write: for the writer it is one. */
export function openFile(kernel: Kernel, file: KernfsFile, access: Access): OpenFile {
  try {
    return new OpenFile(file, access);
  } catch (error) {
    if (access.write) tellRefusal(kernel, pathOf(file), error);
    throw error;
  }
}

/** write(2): the count taken. The machine is at rest when this returns, or throws. */
export function writeFile(kernel: Kernel, open: OpenFile, text: string): number {
  const path = pathOf(open.file);
  try {
    return open.write(text);
  } catch (error) {
    tellRefusal(kernel, path, error);
    throw error;
  } finally {
    kernel.work.settle();
  }
}

/** open(2), one write(2), close(2) of an absolute path. */
export function writePath(kernel: Kernel, path: string, text: string): number {
  const open = openFile(kernel, fileAt(kernel.root, path), { read: false, write: true });
  try {
    return writeFile(kernel, open, text);
  } finally {
    open.close();
  }
}
