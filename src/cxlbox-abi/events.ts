/**
 * `events`: the uevents of a box, which no program in it can hear.
 */
import { type BoxFile, parseLines } from './box-file.ts';

/** One event as plain data; `variables` in the order of the netlink message. */
export interface UeventRecord {
  readonly sequence: number;
  readonly action: string;
  /** Path below /sys, with a leading slash. */
  readonly devpath: string;
  readonly subsystem: string;
  /** Without ACTION, DEVPATH, SUBSYSTEM and SEQNUM. */
  readonly variables: Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is UeventRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { sequence, action, devpath, subsystem, variables } = value as Partial<UeventRecord>;
  return (
    typeof sequence === 'number' &&
    [action, devpath, subsystem].every((each) => typeof each === 'string') &&
    typeof variables === 'object' &&
    variables !== null &&
    Object.values(variables).every((each) => typeof each === 'string')
  );
}

function parseEvent(line: string): UeventRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const EVENTS: BoxFile<readonly UeventRecord[]> = {
  path: 'events',
  mode: 0o400,
  content: 'the last 4096 uevents, a JSON object a line',
  page: 'events-and-log.md',
  format: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  parse: (text) => parseLines(text, 'a uevent as JSON', parseEvent),
};
