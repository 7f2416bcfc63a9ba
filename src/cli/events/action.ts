import { setTimeout as sleep } from 'node:timers/promises';
import type { UeventRecord } from '../../cxlbox-abi/events.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import type { SysfsClient } from '../../sysfs-client/sysfs-client.ts';
import { readEvents, sentEvents } from '../common/box-files.ts';
import { EXIT } from '../exit-codes.ts';

export interface EventsOptions {
  readonly json?: boolean | undefined;
  /** Go on with what comes. */
  readonly follow?: boolean | undefined;
  /** Ends `follow`. */
  readonly signal?: AbortSignal;
}

/** How often the counter of events is looked at: Node cannot wait for POLLPRI. */
const INTERVAL_MS = 100;

function eventText({ sequence, action, devpath, subsystem, variables }: UeventRecord): string {
  const extras = Object.entries(variables).map(([key, value]) => ` ${key}=${value}`);
  return `${sequence} ${action}@${devpath} (${subsystem})${extras.join('')}`;
}

function lostText(after: number, events: readonly UeventRecord[]): string | undefined {
  const first = events[0]?.sequence ?? after + 1;
  return first > after + 1
    ? `cxlbox: ${first - after - 1} events were dropped unread\n`
    : undefined;
}

/**
 * Prints the uevents of the box around this process: those that it still holds and, with `follow`,
 * those that come, until `signal` is aborted. Throws NotInBoxError.
 */
export async function events(
  { json, follow, signal }: EventsOptions,
  client: SysfsClient = new HostClient(),
  print: (text: string) => void = (text) => void process.stdout.write(text),
  complain: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<number> {
  let seen = 0;
  const show = (records: readonly UeventRecord[]): void => {
    print(records.map((each) => `${json ? JSON.stringify(each) : eventText(each)}\n`).join(''));
    seen = records.at(-1)?.sequence ?? seen;
  };
  show(await readEvents(client));
  while (follow && !signal?.aborted) {
    await sleep(INTERVAL_MS);
    if ((await sentEvents(client)) === seen) continue;
    const held = await readEvents(client);
    const lost = lostText(seen, held);
    if (lost !== undefined) complain(lost);
    show(held.filter(({ sequence }) => sequence > seen));
  }
  return EXIT.ok;
}
