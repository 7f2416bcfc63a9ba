/**
 * A file that cannot be opened, not even by root: open(2) gives ENXIO, as of a /dev/daxN.Y without
 * a driver.
 *
 * It is a Unix socket without a listener. A device node without a device would do the same, but
 * only root of the host may make one.
 */
import { linkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Makes it at `path`, in place of one that is there. Paths of sockets are limited: 100 bytes at
 * most.
 */
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
