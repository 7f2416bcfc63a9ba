/**
 * A file that nobody can open: open(2) gives ENXIO, as of a /dev/daxN.Y without a driver, to root as well.
 *
 * It is a Unix socket that nobody listens on. A device node without a device would do the same, but only root of the
 * host may make one.
 */
import { linkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';

/** Makes it at `path`, anew if it is there. A path of 100 bytes at most: sockets have no longer ones. */
export function makeUnopenable(path: string): void {
  const listening = `${path}.new`;
  rmSync(path, { force: true });
  rmSync(listening, { force: true });
  const server = createServer();
  server.listen(listening);
  linkSync(listening, path);
  // Takes away the name that it was bound to, and that one only.
  server.close();
}
