// What another user of the host can put where a user keeps shared devices. Each attack is laid out
// by a user of its own in a /dev/shm of its own; the victim then lists, asks for capacity,
// attaches, leaves and opens a box. Whatever the victim is told, nothing hangs, and nothing in that
// /dev/shm is another afterwards.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../cxlbox.ts';
import { finish, startProgram, USERS } from './box-process.ts';
import { layOut, OWN, PRECIOUS, Victim } from './shared-victim.ts';

const DIST = join(ROOT, 'dist', 'shared-devices');

const IDENTITY =
  '{"format":"cxlbox shared device","version":1,"partitions":{"ram":1073741824,"pmem":0,"dynamic_ram_a":0}}';
const RECORD = '{"pci":"0000:0d:00.0","claims":[]}';

/** Shell text: a device as cxlbox makes it, in the folder at hand, but for what `without` names. */
function device(without = ''): string {
  const parts: readonly (readonly [string, string])[] = [
    ['device.json', `echo '${IDENTITY}' > pool/device.json`],
    ['lock', ': > pool/lock'],
    ['hosts', `mkdir pool/hosts; echo '${RECORD}' > pool/hosts/host0`],
    ['sockets', 'mkdir pool/sockets'],
    ['media', 'mkdir pool/media; : > pool/media/0000000000000'],
  ];
  const kept = parts.filter(([name]) => name !== without).map(([, text]) => text);
  return ['mkdir pool', ...kept].join('; ');
}

/**
 * By name: shell text that the attacker runs in a folder where the victim's devices are looked for.
 */
const ATTACKS: Readonly<Record<string, string>> = {
  'hosts is a link': `${device('hosts')}; ln -s ${PRECIOUS} pool/hosts`,
  'sockets is a link': `${device('sockets')}; ln -s ${PRECIOUS} pool/sockets`,
  'media is a link': `${device('media')}; ln -s ${PRECIOUS} pool/media`,
  'all three are links': `mkdir pool; echo '${IDENTITY}' > pool/device.json; : > pool/lock
    for each in hosts sockets media; do ln -s ${PRECIOUS} pool/$each; done`,
  'the device is a link': `ln -s ${PRECIOUS} pool`,
  'what is to be removed is a link': `ln -s ${PRECIOUS} .removed-1`,
  'what is to be removed holds links': `mkdir .removed-1; ln -s ${PRECIOUS} .removed-1/hosts
    ln -s ${PRECIOUS} .removed-1/media; ln ${PRECIOUS}/open .removed-1/lock`,
  'the lock is a link to a file': `${device('lock')}; ln -s ${PRECIOUS}/x pool/lock`,
  'the lock is a link to nothing': `${device('lock')}; ln -s ${PRECIOUS}/new pool/lock`,
  'the lock is a second name': `${device('lock')}; ln ${PRECIOUS}/open pool/lock`,
  'the lock is a pipe': `${device('lock')}; mkfifo pool/lock`,
  'the lock is held': `${device()}; flock pool/lock sh -c "until [ -e $END ]; do sleep 0.1; done" > /dev/null 2>&1 &`,
  'the identity is a pipe': `${device('device.json')}; mkfifo pool/device.json`,
  'the identity is a link': `${device('device.json')}; ln -s ${PRECIOUS}/device.json pool/device.json`,
  'the identity is a folder': `${device('device.json')}; mkdir pool/device.json`,
  'the identity is unfinished, and a link': `mkdir pool; ln -s ${PRECIOUS}/open pool/device.json.new`,
  'a host is a link': `${device()}; ln -sf ${PRECIOUS}/open pool/hosts/host0`,
  'a host is a second name': `${device()}; ln -f ${PRECIOUS}/open pool/hosts/host0`,
  'a host is a pipe': `${device()}; rm pool/hosts/host0; mkfifo pool/hosts/host0`,
  'a host is a folder': `${device()}; rm pool/hosts/host0; mkdir pool/hosts/host0`,
  'a piece is a link': `${device()}; ln -sf ${PRECIOUS}/open pool/media/0000000000000`,
  'the fabric lock is a pipe': `${device()}; mkfifo pool/fabric`,
  'the fabric lock is a link': `${device()}; ln -s ${PRECIOUS}/open pool/fabric`,
  'the device is a pipe': 'mkfifo pool',
  'the device cannot be read': `${device()}; chmod 700 pool`,
  'the hosts cannot be read': `${device()}; chmod 000 pool/hosts`,
  'it looks like a device of the victim': device(),
};

/** In place of the folder itself: shell text that the attacker runs in /dev/shm. */
const IN_PLACE: Readonly<Record<string, string>> = {
  'the folder is a link': `ln -s ${PRECIOUS} ${OWN}`,
  'the folder is a link to nothing': `ln -s ${PRECIOUS}/new ${OWN}`,
  'the folder is a pipe': `mkfifo ${OWN}`,
  'the folder is a file': `: > ${OWN}`,
  'the folder cannot be read': `mkdir -m 700 ${OWN}`,
  'the folder is empty, and open to all': `mkdir -m 777 ${OWN}`,
};

const LOOK_AT_FILES = `find ${PRECIOUS} -printf '%p %y %U %m %n %s\\n' | sort; cat ${PRECIOUS}/*`;
/** Made when all was looked at, for what the attacker of the race still runs. */
const END = '/dev/shm/end';
/** Made when that attacker has begun. */
const SWAPPED = '/dev/shm/evil/swapped';

/**
 * Puts a link to the victim's files in place of each folder, and the folder back, as fast as it
 * can.
 */
function swapper(places: readonly string[]): string {
  return `import { existsSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
    const places = ${JSON.stringify(places)};
    places.forEach((_, at) => symlinkSync('${PRECIOUS}', '/dev/shm/evil/link' + at));
    for (let round = 0; !existsSync('${END}'); round += 1) {
      places.forEach((place, at) => {
        const [link, aside] = ['link', 'aside'].map((name) => '/dev/shm/evil/' + name + at);
        // Where the victim makes a device of its own while the name is free, what is aside waits.
        try {
          if (existsSync(place)) renameSync(place, aside);
          renameSync(link, place); renameSync(place, link);
        } catch {}
        try { renameSync(aside, place); } catch {}
      });
      if (round === 10) writeFileSync('${SWAPPED}', '');
    }`;
}

const RACE = `import { attachHost } from '${DIST}/attachment.js'; import { surveyDevices } from '${DIST}/survey.js';
  import { statSync } from 'node:fs';
  const partitions = { ram: 2 ** 30, pmem: 0, dynamic_ram_a: 0 };
  const device = (name) => ({ name, pci: '0000:0d:00.0', partitions });
  let [beside, pool, seen] = [0, 0, 0];
  for (let round = 0; round < 5; round += 1) {
    for (let look = 0; look < 20; look += 1) seen += surveyDevices('/dev/shm').length;
    const host = attachHost('/dev/shm', [device('other')]);
    seen += surveyDevices('/dev/shm').length - 1;
    host.leave();
    beside += 1;
    // In a moment when the name is free, it gets a device of its own.
    const own = () => statSync('/dev/shm/pool').uid === process.getuid();
    try { const host = attachHost('/dev/shm', [device('pool')]); pool += own() ? 0 : 1; host.leave(); }
    catch (error) { if (error.code !== 'CXLBOX_SHARED_FOLDER') throw error; }
  }
  console.log('attached beside ' + beside + ' times, ' + (pool + seen === 0 ? 'nothing else' : pool + ' ' + seen));`;

const REFUSED = 'CXLBOX_SHARED_FOLDER';

/**
 * Under these attacks the victim starts the program for each command, as a user does. Under the
 * others it calls what the program calls, since the start of four programs an attack takes minutes.
 */
const BY_PROGRAM = {
  own: new Set(['hosts is a link', 'the folder is a pipe']),
  chosen: new Set([
    'hosts is a link',
    'the lock is held',
    'what is to be removed is a link',
    'what is to be removed holds links',
  ]),
} as const;

// As root only: two users are needed, and a mount namespace in which /dev/shm is another.
describe.skipIf(USERS.length < 2)('another user made', () => {
  let victim: Victim;
  beforeAll(async () => {
    victim = new Victim();
    await victim.start();
  });
  afterAll(() => victim.leave());

  test.each(Object.entries({ ...ATTACKS, ...IN_PLACE }))(
    "the user's own folder: %s",
    async (name, attack) => {
      const folder = name in IN_PLACE ? '/dev/shm' : OWN;
      const programs = BY_PROGRAM.own.has(name);
      expect(await victim.visit({ attack, folder, root: '', programs })).toEqual([
        `list 125 ${REFUSED}`,
        `capacity 125 ${REFUSED}`,
        `pool ${REFUSED}`,
        `other ${REFUSED}`,
        `run 125 ${REFUSED}`,
        'intact',
      ]);
    },
  );

  test.each(Object.entries(ATTACKS))(
    'something in the folder of all users that was chosen: %s',
    async (name, attack) => {
      const removed = name.startsWith('what is to be removed');
      const programs = BY_PROGRAM.chosen.has(name);
      const places = { folder: '/dev/shm', root: '/dev/shm' };
      expect(await victim.visit({ attack, ...places, programs })).toEqual([
        'list 0',
        'capacity 2',
        removed ? 'pool attached' : `pool ${REFUSED}`,
        'other attached',
        removed ? 'run 0' : `run 125 ${REFUSED}`,
        'intact',
      ]);
    },
  );

  test('and swaps folders and links while the victim looks', async () => {
    const places = ['pool', 'pool/hosts', 'pool/media', '.removed-1', '.removed-1/hosts'];
    const env = {
      CXLBOX_SHARED: '/dev/shm',
      NODE: process.execPath,
      SWAP: swapper(places.map((each) => `/dev/shm/${each}`)),
      RACE,
    };
    const attack = `${device()}; cp -r pool .removed-1; mkdir evil; "$NODE" --input-type=module -e "$SWAP" > /dev/null 2>&1 &`;
    const script = `before=$(${LOOK_AT_FILES}); until [ -e ${SWAPPED} ]; do sleep 0.1; done
      timeout -s KILL 50 "$NODE" --input-type=module -e "$RACE"; : > ${END}
      [ "$before" = "$(${LOOK_AT_FILES})" ] && echo intact || { ${LOOK_AT_FILES}; }`;
    const before = layOut(attack, '/dev/shm');
    const started = startProgram('user', ['sh', '-c', script], { env, before });
    const { stdout, stderr } = await finish(started, '');
    expect([stderr, stdout]).toEqual(['', 'attached beside 5 times, nothing else\nintact\n']);
  });
});
