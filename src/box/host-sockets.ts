/**
 * Lets whoever is allowed into the folders of the shared devices of a box read and write its /sys, as programs inside do:
 * a fabric manager outside has no other way to it.
 */

import type { SharedMemory } from '../media/shared-memory.ts';
import { withSocketPath } from '../shared-devices/index.ts';
import { HostClient } from '../sysfs-client/host-client.ts';
import { serveSysfs } from '../sysfs-client/sysfs-server.ts';

/** The sockets go with the box's process and, in the folders, with its host. */
export async function listen({ root, host, devices }: SharedMemory): Promise<void> {
  // This process serves the machine by another thread, and must not wait for it.
  const client = new HostClient({ pooled: true });
  for (const { name } of devices)
    await withSocketPath(root, name, host, (path) => serveSysfs(client, path));
}
