/**
 * Whether a burst of uevents is one that the recorded kernel could have sent: the order between
 * devices is not determined, the order of one device's events and of parent and child is.
 */
import type { Uevent } from '../driver-core/uevent.ts';
import type { RecordedEvent } from './trace.ts';

const KEPT_SUBSYSTEMS: ReadonlySet<string> = new Set([
  'cxl',
  'dax',
  'memory',
  'node',
  'memory_tiering',
  'nd',
  'drivers',
]);

/** True if recordings show events of this kind. */
export function isRecorded(event: Uevent): boolean {
  return KEPT_SUBSYSTEMS.has(event.subsystem);
}

export function toRecorded(event: Uevent): RecordedEvent {
  const { action, devpath, subsystem, variables } = event;
  return { action, devpath, subsystem, env: Object.fromEntries(variables) };
}

function eventText({ action, subsystem, env }: RecordedEvent): string {
  const variables = Object.entries(env)
    .map(([key, value]) => (key === 'MAJOR' ? 'MAJOR=*' : `${key}=${value}`))
    .sort();
  return `${action} [${subsystem}] ${variables.join(' ')}`.trim();
}

function byDevice(events: readonly RecordedEvent[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const event of events) {
    const group = groups.get(event.devpath) ?? [];
    group.push(eventText(event));
    groups.set(event.devpath, group);
  }
  return groups;
}

/** A child that is added before its parent, or removed after it, in one burst. */
function nestingErrors(events: readonly RecordedEvent[]): string[] {
  const added = new Map<string, number>();
  const removed = new Map<string, number>();
  for (const [index, { action, devpath }] of events.entries()) {
    if (action === 'add' && !added.has(devpath)) added.set(devpath, index);
    if (action === 'remove') removed.set(devpath, index);
  }
  const errors: string[] = [];
  for (const [path, index] of added) {
    const parent = added.get(path.slice(0, path.lastIndexOf('/')));
    const once = !removed.has(path);
    if (once && parent !== undefined && parent > index)
      errors.push(`${path}: found add before the add of its parent`);
  }
  for (const [path, index] of removed) {
    const parent = removed.get(path.slice(0, path.lastIndexOf('/')));
    const once = !added.has(path);
    if (once && parent !== undefined && parent < index)
      errors.push(`${path}: found remove after the remove of its parent`);
  }
  return errors;
}

/** Empty if the events agree. */
export function compareEvents(
  recorded: readonly RecordedEvent[],
  found: readonly RecordedEvent[],
): string[] {
  const expected = byDevice(recorded);
  const actual = byDevice(found);
  const lines: string[] = [];
  for (const devpath of new Set([...expected.keys(), ...actual.keys()])) {
    const want = expected.get(devpath) ?? [];
    const have = actual.get(devpath) ?? [];
    if (want.join('\n') === have.join('\n')) continue;
    lines.push(
      `${devpath}: expected ${want.join('; ') || 'no event'}; found ${have.join('; ') || 'no event'}`,
    );
  }
  return [...lines, ...nestingErrors(found)];
}
