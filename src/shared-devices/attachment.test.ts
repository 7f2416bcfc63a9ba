import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Attachment, attachHost } from './attachment.ts';
import { lockDevice } from './device-lock.ts';
import { Directory } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { holdHostFile } from './host-file.ts';
import { MemberDevice } from './member.ts';
import { prepareRoot, sharedRoot } from './root.ts';
import { surveyDevices } from './survey.ts';

const GIB = 2 ** 30;
const POOL = {
  name: 'pool',
  pci: '0000:0d:00.0',
  partitions: { ram: GIB, pmem: 0, dynamic_ram_a: 0 },
};
const OTHER = {
  name: 'other',
  pci: '0000:0e:00.0',
  partitions: { ram: 0, pmem: GIB, dynamic_ram_a: 0 },
};

/** The contents from address 0 on. */
const PIECE = '0000000000000';

let root: string;
beforeEach(() => {
  root = mkdtempSync('/dev/shm/cxlbox-hosts-');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SharedDeviceError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

const attached = (): Record<string, string[]> =>
  Object.fromEntries(
    surveyDevices(root).map(({ name, hosts }) => [name, hosts.map((host) => host.name)]),
  );

/** A host in a process of its own, as a test can kill it. */
async function startHost(name: string): Promise<ChildProcess> {
  const module = new URL('../../dist/shared-devices/attachment.js', import.meta.url);
  const script = `import { attachHost } from '${module}';
    attachHost('${root}', [${JSON.stringify(POOL)}], '${name}');
    process.stdout.write('attached'); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a device', () => {
  it('is there as long as one host is, and then gone with its folder', () => {
    const first = attachHost(root, [POOL]);
    const second = attachHost(root, [POOL]);
    writeFileSync(join(root, 'pool', 'media', PIECE), 'kept');
    expect(attached()).toEqual({ pool: ['host0', 'host1'] });
    first.leave();
    expect(attached()).toEqual({ pool: ['host1'] });
    expect(existsSync(join(root, 'pool', 'media', PIECE))).toBe(true);
    second.leave();
    expect(readdirSync(root)).toEqual([]);
  });

  it('gives hosts the lowest name that is free on all their devices', () => {
    const names = [
      attachHost(root, [POOL]),
      attachHost(root, [OTHER], 'host1'),
      attachHost(root, [POOL, OTHER]),
      attachHost(root, [OTHER]),
    ].map(({ host }) => host);
    expect(names).toEqual(['host0', 'host1', 'host2', 'host0']);
  });

  it('outlives a host that is killed, and no other; its name is free again', async () => {
    const killed = await startHost('box');
    const stays = attachHost(root, [POOL], 'stays');
    expect(refusal(() => attachHost(root, [POOL], 'box'))).toContain('CXLBOX_SHARED_HOST_TAKEN');
    await kill(killed);
    expect(attached()).toEqual({ pool: ['stays'] });
    attachHost(root, [POOL], 'box').leave();
    stays.leave();
    expect(readdirSync(root)).toEqual([]);
  });

  it('begins anew, with any size and no contents, when all its hosts were killed', async () => {
    const killed = await startHost('box');
    writeFileSync(join(root, 'pool', 'media', PIECE), 'old');
    await kill(killed);
    const next = attachHost(root, [{ ...POOL, partitions: OTHER.partitions }]);
    expect(readdirSync(join(root, 'pool', 'media'))).toEqual([]);
    next.leave();
  });

  it('is removed by the next survey when all its hosts were killed', async () => {
    await kill(await startHost('box'));
    mkdirSync(join(root, '.removed-half'));
    expect(surveyDevices(root)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('is removed by a host of another device when all its hosts were killed', async () => {
    await kill(await startHost('box'));
    const other = attachHost(root, [OTHER]);
    expect(readdirSync(root)).toEqual(['other']);
    other.leave();
  });

  it('is one while hosts come and go at the same time', async () => {
    const module = new URL('../../dist/shared-devices/attachment.js', import.meta.url);
    const script = `import { attachHost } from '${module}';
      for (let i = 0; i < 15; i += 1) attachHost('${root}', [${JSON.stringify(POOL)}]).leave();`;
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    const codes = await Promise.all(
      children.map(async (child) => (await once(child, 'exit'))[0] as number),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a host is refused', () => {
  let there: Attachment;
  beforeEach(() => {
    there = attachHost(root, [POOL, OTHER], 'there');
  });

  it('with both sizes, if the device has another one', () => {
    const larger = { ...POOL, partitions: { ram: 2 * GIB, pmem: GIB, dynamic_ram_a: 0 } };
    expect(refusal(() => attachHost(root, [larger]))).toBe(
      "CXLBOX_SHARED_MISMATCH: 'pool' is 1GiB (ram 1GiB) on 'there', " +
        'but 3GiB (ram 2GiB, pmem 1GiB) on this machine',
    );
  });

  it('if the partitions differ, the size being the same', () => {
    const partitions = { ram: 0, pmem: GIB, dynamic_ram_a: 0 };
    expect(refusal(() => attachHost(root, [{ ...POOL, partitions }]))).toContain(
      'CXLBOX_SHARED_MISMATCH',
    );
  });

  it('as a whole: a device that it alone has is not left behind, nor is its name', () => {
    const alone = { ...POOL, name: 'alone' };
    expect(refusal(() => attachHost(root, [alone, POOL], 'there'))).toBe(
      "CXLBOX_SHARED_HOST_TAKEN: 'there' is already attached to 'pool'",
    );
    expect(attached()).toEqual({ other: ['there'], pool: ['there'] });
    expect(readdirSync(root)).toEqual(['other', 'pool']);
  });

  it('by a device that another version made', () => {
    const text = '{"format":"cxlbox shared device","version":2,"partitions":{"ram":1,"pmem":0}}';
    writeFileSync(join(root, 'pool', 'device.json'), text);
    expect(refusal(() => attachHost(root, [POOL]))).toContain(
      'its format is 2, and this cxlbox expects 1',
    );
  });

  it('by a folder that is none of a device, which stays as it is', () => {
    mkdirSync(join(root, 'mine', 'media'), { recursive: true });
    const mine = { ...POOL, name: 'mine' };
    expect(refusal(() => attachHost(root, [mine]))).toContain(
      "contains 'media', so it is not a shared device of cxlbox",
    );
    expect(surveyDevices(root).map(({ name }) => name)).toEqual(['other', 'pool']);
    expect(existsSync(join(root, 'mine', 'media'))).toBe(true);
  });

  it('by a root that is a file', () => {
    writeFileSync(join(root, 'file'), '');
    expect(refusal(() => attachHost(join(root, 'file'), [POOL]))).toBe(
      `CXLBOX_SHARED_FOLDER: ${join(root, 'file')} exists and is not a folder`,
    );
  });

  it('by a device that is a link to nowhere', () => {
    symlinkSync('nowhere', join(root, 'link'));
    expect(refusal(() => attachHost(root, [{ ...POOL, name: 'link' }]))).toBe(
      `CXLBOX_SHARED_FOLDER: ${join(root, 'link')} exists and is not a folder`,
    );
  });

  it.each(['/proc', '/proc/cxlbox'])('by a root that takes no folders, at once: %s', (at) => {
    expect(refusal(() => attachHost(at, [POOL]))).toMatch(
      /^CXLBOX_SHARED_FOLDER: .*E[A-Z]+: .* mkdir '\/proc\//,
    );
  });

  it('by a folder that takes no files, at once', () => {
    const name = String(process.pid);
    expect(refusal(() => attachHost('/proc', [{ ...POOL, name }]))).toMatch(
      new RegExp(`^CXLBOX_SHARED_FOLDER: .*/proc/${name}`),
    );
  });

  it('by a root whose own folder is not there', () => {
    expect(refusal(() => attachHost(join(root, 'no', 'root'), [POOL]))).toBe(
      `CXLBOX_SHARED_FOLDER: ${join(root, 'no', 'root')} cannot be created, because there is no folder ${join(root, 'no')}`,
    );
    expect(readdirSync(root)).toEqual(['other', 'pool']);
  });

  it('without flock(1)', () => {
    const path = process.env.PATH;
    process.env.PATH = root;
    try {
      expect(refusal(() => attachHost(root, [POOL]))).toContain('CXLBOX_NO_FLOCK');
    } finally {
      process.env.PATH = path;
    }
  });

  it('without flock(1), and without a descriptor that is left open', () => {
    const path = process.env.PATH;
    const descriptors = readdirSync('/proc/self/fd').length;
    const folder = Directory.open(join(root, 'pool'));
    process.env.PATH = root;
    try {
      expect(refusal(() => holdHostFile(folder, 'there'))).toContain('CXLBOX_NO_FLOCK');
    } finally {
      process.env.PATH = path;
      folder.close();
    }
    expect(readdirSync('/proc/self/fd')).toHaveLength(descriptors);
  });

  afterEach(() => there.leave());
});

describe('the root', () => {
  it.each<[string, string | undefined, number, string]>([
    ['is that of the user', undefined, 1000, '/dev/shm/cxlbox-1000'],
    ['is that of the user if the choice is empty', '', 0, '/dev/shm/cxlbox-0'],
    ['is the chosen one', '/dev/shm/ours', 1000, '/dev/shm/ours'],
  ])('%s', (_, chosen, uid, expected) => {
    expect(sharedRoot(chosen, uid)).toBe(expected);
  });

  it('of the user is for the user alone', () => {
    // A uid that no user of this host has.
    const uid = 3_999_999_000 + (process.pid % 999);
    const own = sharedRoot(undefined, uid);
    mkdirSync(own);
    try {
      chmodSync(own, 0o777);
      expect(refusal(() => prepareRoot(own, uid))).toBe(
        `CXLBOX_SHARED_FOLDER: ${own} is not a folder that only user ${uid} can enter`,
      );
    } finally {
      rmSync(own, { recursive: true });
    }
  });
});

describe('the lock of a device', () => {
  it('is not waited for without end: who holds it may be stopped', () => {
    const host = attachHost(root, [POOL]);
    const devices = Directory.open(root);
    const held = lockDevice(devices, 'pool', { make: false });
    expect(refusal(() => lockDevice(devices, 'pool', { make: false, patience: 1 }))).toBe(
      `CXLBOX_SHARED_FOLDER: another host has held ${root}/pool/lock for more than 1 s; is it stopped?`,
    );
    attachHost(root, [OTHER]).leave();
    held?.close();
    devices.close();
    expect(attached()).toEqual({ pool: ['host0'] });
    host.leave();
  });
});

describe('the record of a host', () => {
  it('is its first line: a killed host may leave a longer one behind it', () => {
    const host = attachHost(root, [POOL]);
    const member = new MemberDevice(root, 'pool', host.host);
    member.claim({ dax: 'dax0.0', start: 0, end: 4096 }, () => undefined);
    appendFileSync(join(root, 'pool', 'hosts', 'host0'), '96}]}\n');
    expect(surveyDevices(root)[0]?.hosts).toEqual([
      { name: 'host0', pci: POOL.pci, claims: [{ dax: 'dax0.0', start: 0, end: 4096 }] },
    ]);
    host.leave();
  });

  it('is not written for a host that is not attached', () => {
    const host = attachHost(root, [POOL]);
    expect(refusal(() => new MemberDevice(root, 'pool', 'nobody'))).toContain(
      "host 'nobody' is not attached",
    );
    expect(refusal(() => new MemberDevice(root, 'nothing', 'host0'))).toContain(
      'was the folder removed?',
    );
    host.leave();
  });

  it('is that of its own file: a host of the same name in a folder created again is a different host', () => {
    const host = attachHost(root, [POOL], 'same');
    const member = new MemberDevice(root, 'pool', 'same');
    rmSync(join(root, 'pool'), { recursive: true });
    const other = attachHost(root, [POOL], 'same');
    expect(
      refusal(() => member.claim({ dax: 'dax0.0', start: 0, end: 4096 }, () => undefined)),
    ).toContain('was the folder removed?');
    expect(surveyDevices(root)[0]?.hosts).toEqual([{ name: 'same', pci: POOL.pci, claims: [] }]);
    other.leave();
    host.leave();
  });

  it.each(['', '{"pci":"0000:0d:00.0","cl', 'null', '[]', '{"pci":"0000:0d:00.0"}'])(
    'is named where it is none, to all who need it, and goes with its host: %j',
    (text) => {
      const [torn, other] = [attachHost(root, [POOL], 'torn'), attachHost(root, [POOL], 'other')];
      const member = new MemberDevice(root, 'pool', 'other');
      const record = join(root, 'pool', 'hosts', 'torn');
      truncateSync(record);
      writeFileSync(record, text, { flag: 'r+' });
      const expected = `CXLBOX_SHARED_FOLDER: ${record} does not say what host 'torn' maps`;
      const claim = { dax: 'dax0.0', start: 0, end: 4096 };
      expect(refusal(() => member.claim(claim, () => undefined))).toContain(expected);
      expect(refusal(() => member.lose(claim, () => undefined))).toContain(expected);
      expect(refusal(() => surveyDevices(root))).toContain(expected);
      // What concerns the host alone goes on.
      expect(refusal(() => member.release('dax0.0'))).toBe('none');
      torn.leave();
      expect(refusal(() => member.claim(claim, () => undefined))).toBe('none');
      other.leave();
    },
  );
});
