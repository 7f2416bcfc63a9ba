// What a box needs of this host, looked at before a minute goes into installing. Plain Node, since
// nothing is installed yet; the remedies are those of src/box/errors.ts.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const FUSE = '/dev/fuse';

function accessible(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => accessible(join(folder, program), constants.X_OK));
}

const NEEDS = [
  {
    met: () => accessible(FUSE, constants.F_OK),
    what: 'this host has no /dev/fuse',
    remedy:
      'load the module (`modprobe fuse`); in a container, pass the device (`docker run --device /dev/fuse`)',
  },
  {
    met: () =>
      !accessible(FUSE, constants.F_OK) || accessible(FUSE, constants.R_OK | constants.W_OK),
    what: '/dev/fuse cannot be opened for reading and writing',
    remedy: 'make it mode 0666, as udev does (`chmod 666 /dev/fuse` as root), or run as root',
  },
  {
    met: () => ['unshare', 'nsenter', 'setpriv'].every(onPath),
    what: 'a program of util-linux was not found: unshare, nsenter or setpriv',
    remedy: 'install util-linux, or put it on PATH',
  },
  {
    met: () => onPath('mount'),
    what: 'the program `mount` was not found',
    remedy: 'install the package that contains mount(8), or put `mount` on PATH',
  },
];

/**
 * What keeps boxes from being opened here: `{ what, remedy }` each; empty: nothing that can be seen
 * from outside.
 */
export function unmetNeeds() {
  return NEEDS.filter(({ met }) => !met()).map(({ what, remedy }) => ({ what, remedy }));
}
