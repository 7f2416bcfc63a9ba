/**
 * Whose folders and files can be trusted.
 *
 * A box of an ordinary user is a user namespace that maps this user alone, to uid 0: stat(2) shows
 * the user's own files as those of uid 0, and the files of all others, root's too, as those of the
 * overflow uid.
 */
import { readFileSync } from 'node:fs';

const ROOT = 0;
const DEFAULT_OVERFLOW_UID = 65534;

/** The owner of the files that this process makes, as stat(2) shows it to this process. */
export function ownUid(): number {
  return process.geteuid?.() ?? ROOT;
}

interface MappedRange {
  /** The first uid, as processes of the namespace see it. */
  readonly first: number;
  readonly count: number;
}

function mappedRanges(uidMap: string): MappedRange[] {
  return uidMap
    .trim()
    .split('\n')
    .map((line) => {
      const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return { first, count };
    });
}

function maps(ranges: readonly MappedRange[], uid: number): boolean {
  return ranges.some(({ first, count }) => first <= uid && uid < first + count);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * May stand for root: the uid that is shown for all users whom the namespace does not map.
 * Undefined where a user of the namespace has that uid, as in the first namespace, where it is an
 * ordinary one.
 */
export function unmappedUid(
  uidMap = textOf('/proc/self/uid_map'),
  overflowUid = textOf('/proc/sys/kernel/overflowuid'),
): number | undefined {
  const uid = Number.parseInt(overflowUid, 10) || DEFAULT_OVERFLOW_UID;
  return uidMap === '' || maps(mappedRanges(uidMap), uid) ? undefined : uid;
}

/**
 * True if only this user and root can rename what is in a folder of that owner, if it is not
 * writable by others. In a box the answer may be wrong: root and other users look the same there.
 * The box was only opened because it was right outside, and what lies in the folder is checked by
 * itself.
 */
export function mayOwnRoot(uid: number): boolean {
  return uid === ownUid() || uid === ROOT || uid === unmappedUid();
}
