/**
 * The socket on which an attached host can be reached from outside of its box, in the folder of a
 * shared device.
 *
 * The path of a socket has 107 bytes at most, and folders have longer ones: sockets are named below
 * a descriptor of theirs.
 */
import { type Directory, ifThere } from './directory.ts';
import { inFolder, SharedDeviceError } from './errors.ts';
import { SOCKETS } from './layout.ts';
import { withRoot } from './root.ts';

function openSockets(root: string, device: string): Directory {
  const sockets = withRoot(root, (devices) =>
    ifThere(() => devices.within(device, (folder) => folder.enterOwn(SOCKETS))),
  );
  if (sockets !== undefined) return sockets;
  throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', `${root}/${device} was removed`);
}

/** connect(2) follows links. */
function assertSocket(sockets: Directory, host: string): void {
  const isOther = inFolder(() => sockets.lstat(host))?.isSocket() === false;
  if (isOther)
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${sockets.path}/${host} exists and is not a socket`,
      `end the box of host '${host}', and remove the file`,
    );
}

/**
 * What `work` gives for a path of the host's socket that is short enough; the path is good until
 * `work` is done. CXLBOX_SHARED_FOLDER: there is something else, or no such device.
 */
export async function withSocketPath<T>(
  root: string,
  device: string,
  host: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const sockets = openSockets(root, device);
  try {
    assertSocket(sockets, host);
    return await sockets.call(host, work);
  } finally {
    sockets.close();
  }
}
