/**
 * Removes a device: exactly the names that cxlbox makes, where they are what cxlbox makes of them.
 * If anything else is in there, nothing is removed.
 */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type Directory, ifThere } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { deviceLayout, type Entry, type Layout, REMOVED } from './layout.ts';
import { ownUid } from './owner.ts';

type Kind = Exclude<Entry, Layout>;

const KINDS: Readonly<Record<Kind, (stat: Stats) => boolean>> = {
  file: (stat) => stat.isFile() && stat.nlink === 1,
  socket: (stat) => stat.isSocket(),
};

function isOurs(stat: Stats, kind: Kind): boolean {
  return KINDS[kind](stat) && stat.uid === ownUid();
}

/** Takes a name away if it is what cxlbox makes of it, else nothing. */
export function removeEntry(folder: Directory, name: string, kind: Kind): void {
  const stat = folder.lstat(name);
  if (stat !== undefined && isOurs(stat, kind)) folder.unlink(name);
}

function assertOurs(folder: Directory, layout: Layout): void {
  for (const name of folder.names()) {
    const entry = layout(name);
    if (typeof entry === 'function') {
      ifThere(() => folder.within(name, (inner) => assertOurs(inner, entry)));
      continue;
    }
    const stat = folder.lstat(name);
    if (stat === undefined || (entry !== undefined && isOurs(stat, entry))) continue;
    throw new SharedDeviceError(
      'CXLBOX_SHARED_FOLDER',
      `${folder.path} contains '${name}', which cxlbox did not make, so it was not removed`,
      `move ${folder.path}/${name} elsewhere, or remove it`,
    );
  }
}

/** Others may remove it at the same time: a name that is gone already is not an error. */
function empty(folder: Directory, layout: Layout): void {
  for (const name of folder.names()) {
    const entry = layout(name);
    if (typeof entry !== 'function') {
      folder.unlink(name);
      continue;
    }
    ifThere(() => folder.within(name, (inner) => empty(inner, entry)));
    folder.rmdir(name);
  }
}

/** Removes what a process that was killed had renamed. CXLBOX_SHARED_FOLDER: it is not ours. */
export function removeRenamed(root: Directory, name: string): void {
  ifThere(() =>
    root.within(name, (folder) => {
      assertOurs(folder, deviceLayout);
      empty(folder, deviceLayout);
    }),
  );
  root.rmdir(name);
}

/** `device` is the folder of that name, and locked. */
export function removeDevice(root: Directory, name: string, device: Directory): void {
  assertOurs(device, deviceLayout);
  const renamed = `${REMOVED}${randomUUID()}`;
  root.rename(name, renamed);
  removeRenamed(root, renamed);
}
