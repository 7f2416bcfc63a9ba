// Every way to end a box ends it, whatever it is busy with. CXLBOX_ENDINGS=300 tries more, each way
// for each user; CXLBOX_SEED takes other moments.
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Random } from '../explore/random.ts';
import { BOX_USERS, IN_FULL, lacksBox, needs } from '../needs.ts';
import type { Who } from './box-process.ts';
import { BUSY_MACHINE, BusyBox, VICTIMS } from './ending-box.ts';

/** Undefined: each ending of a user once. */
const TRIES = process.env.CXLBOX_ENDINGS;
const SEED = Number(process.env.CXLBOX_SEED ?? 1);
/**
 * Milliseconds. A box that hangs does so until its host is booted: this only has to be long enough
 * for busy cores.
 */
const PATIENCE = Number(process.env.CXLBOX_PATIENCE ?? 30_000);
const MOMENTS = 500;

interface Ending {
  readonly name: string;
  end(box: BusyBox): void;
}

/** Those that leave the box to end itself. */
const GENTLE: readonly Ending[] = [
  { name: 'the command exits', end: ({ child }) => child.stdin?.write('\n') },
  { name: 'its input ends', end: ({ child }) => child.stdin?.end() },
  ...(['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map((signal) => ({
    name: `${signal} to cxlbox`,
    end: (box: BusyBox) => box.signal('cxlbox', signal),
  })),
];

const KILLS: readonly Ending[] = VICTIMS.map((victim) => ({
  name: `SIGKILL to ${victim}`,
  end: (box: BusyBox) => box.signal(victim, 'SIGKILL'),
}));

const BRIDGE_LOST: readonly Ending[] = (['SIGKILL', 'SIGSTOP'] as const).flatMap((signal) => [
  {
    name: `${signal} to the bridge, and its input ends`,
    end: (box: BusyBox) => {
      box.signal('bridge', signal);
      box.child.stdin?.end();
    },
  },
  {
    name: `${signal} to the bridge, and SIGKILL to cxlbox`,
    end: (box: BusyBox) => {
      box.signal('bridge', signal);
      box.signal('cxlbox', 'SIGKILL');
    },
  },
]);

/** What is killed may be another process for each user; the gentle ones take turns among users. */
function endingsOf(who: Who): readonly Ending[] {
  const turn = BOX_USERS.findIndex((each) => each.who === who);
  const all = TRIES !== undefined || IN_FULL;
  const gentle = GENTLE.filter((_, index) => all || index % BOX_USERS.length === turn);
  return [...gentle, ...KILLS, ...BRIDGE_LOST];
}

let folder: string;
let machine: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-endings-'));
  chmodSync(folder, 0o755);
  machine = join(folder, 'busy.yaml');
  writeFileSync(machine, BUSY_MACHINE);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** For shared devices; gone when the test ends, however it ends. */
function sharedRoot(): string {
  const root = mkdtempSync('/dev/shm/cxlbox-endings-');
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o1777);
  return root;
}

describe.each(BOX_USERS)('a busy box of $who', needs(lacksBox()), ({ who }) => {
  test('is served by one process, whose paths do not lead to the machine', async () => {
    const root = sharedRoot();
    const box = new BusyBox(who, root, machine, `${process.pid}-${who}-served`);
    await box.start();
    const [holder = 0, ...others] = box.holders();
    expect([others, box.is('machine', holder)]).toEqual([[], true]);
    const served = readFileSync(`/proc/${holder}/mountinfo`, 'latin1')
      .split('\n')
      .filter((line) => line.includes(' - fuse cxlbox '))
      .map((line) => line.split(' ')[4]);
    expect(served).toEqual(['/sys/bus/fuse']);
    for (const thread of readdirSync(`/proc/${holder}/task`))
      expect(readlinkSync(`/proc/${holder}/task/${thread}/cwd`)).toBe('/');
    box.child.stdin?.end();
    expect(await box.left(PATIENCE)).toEqual([]);
  });

  const endings = endingsOf(who);
  const tries = Number(TRIES ?? endings.length);

  test(`ends within ${PATIENCE / 1000} s, in ${tries} tries`, {
    timeout: tries * 60_000,
  }, async () => {
    const random = new Random(SEED);
    const hangs: string[] = [];
    for (let count = 0; count < tries; count += 1) {
      // Each ending has its turn; the moment is by chance.
      const ending = endings[count % endings.length] as Ending;
      const moment = random.below(MOMENTS);
      const root = sharedRoot();
      const box = new BusyBox(who, root, machine, `${process.pid}-${who}-${count}`);
      await box.start();
      await new Promise((later) => setTimeout(later, moment));
      ending.end(box);
      const left = await box.left(PATIENCE);
      if (left.length > 0) hangs.push(`${ending.name} after ${moment} ms: ${left}`);
      rmSync(root, { recursive: true, force: true });
    }
    expect(hangs).toEqual([]);
  });
});
