import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegionMap } from '../cxl/address/address.ts';
import { KernelLog } from '../driver-core/kernel-log.ts';
import type { DaxHardware, DaxSpan } from '../platform/dax-hardware.ts';
import {
  type Attachment,
  attachHost,
  MemberDevice,
  surveyDevices,
} from '../shared-devices/index.ts';
import type { DaxFiles } from './dax-files.ts';
import { MediaPieces } from './pieces.ts';
import { SharedDaxFiles } from './shared.ts';

const PAGE = 4096;
const MIB = 2 ** 20;
const HPA = 0x1_9000_0000;
const POOL = {
  name: 'pool',
  pci: '0000:0d:00.0',
  partitions: { ram: 256 * MIB, pmem: 0, dynamic_ram_a: 0 },
};

let root: string;
let hosts: Attachment[];

beforeEach(() => {
  root = mkdtempSync('/dev/shm/cxlbox-shared-');
  hosts = [];
});
afterEach(() => {
  for (const host of hosts) host.leave();
  rmSync(root, { recursive: true });
});

function attach(name: string): void {
  hosts.push(attachHost(root, [POOL], name));
}

/** The machine of one host, as far as it has dax devices. */
class FakeMachine {
  readonly log = new KernelLog();
  readonly contents: DaxFiles;
  private readonly spans = new Map<string, readonly DaxSpan[]>();
  private readonly listeners: ((name: string) => void)[] = [];
  /** What was asked of the contents of the machine's own devices. */
  readonly own: string[] = [];
  readonly changed: string[] = [];
  /** Devices whose memory was taken by force. */
  readonly lost = new Set<string>();

  constructor(host: string) {
    attach(host);
    const hardware: DaxHardware = {
      spans: (name) => this.spans.get(name) ?? [],
      served: () => undefined,
      isLost: (name) => this.lost.has(name),
      onLoss: () => {},
      onErase: () => {},
      askOpenOf: () => {},
      onChange: (listener) => void this.listeners.push(listener),
      poison: () => new Set(),
      allPoison: () => [],
    };
    const own: DaxFiles = {
      attach: ({ name }) => {
        this.own.push(`attach ${name}`);
        return { kind: 'own', path: `/private/${name}` };
      },
      detach: (name) => void this.own.push(`detach ${name}`),
      isOpen: (name) => name === 'dax9.0',
      lose: (name) => void this.own.push(`lose ${name}`),
      erase: (device) => void this.own.push(`erase ${device}`),
      onChange: (changed) => void this.listeners.push(changed),
    };
    const stage = join(root, `.stage-${host}`);
    mkdirSync(stage);
    const memory = { root, host, devices: [{ hardware: '1000@pool', name: 'pool' }] };
    this.contents = new SharedDaxFiles(memory, hardware, own, this.log, stage);
    this.contents.onChange((name) => this.changed.push(name));
  }

  /** Gives a dax device a range of each of `devices`, interleaved; then attaches it. */
  attach(
    name: string,
    start: number,
    end: number,
    devices: readonly string[] = ['1000@pool'],
  ): string {
    this.set(name, [this.span(start, end, devices)]);
    return this.attachAgain(name);
  }

  attachAgain(name: string): string {
    const file = this.contents.attach({ name, major: 250, minor: 0, mode: 0o600 });
    return file?.path ?? 'none';
  }

  set(name: string, spans: readonly DaxSpan[]): void {
    this.spans.set(name, spans);
    this.announce(name);
  }

  /** As a driver does that comes or goes. */
  announce(name: string): void {
    for (const listener of this.listeners) listener(name);
  }

  span(start: number, end: number, devices: readonly string[] = ['1000@pool']): DaxSpan {
    const length = (end - start) * devices.length;
    const targets = devices.map((device) => ({ device, dpa: start }));
    const map: RegionMap = {
      start: HPA,
      size: length,
      ways: devices.length,
      granularity: 256,
      targets,
      xorMaps: [],
    };
    return { offset: 0, length, hpa: HPA, map };
  }

  errors(): string[] {
    return this.log
      .lines()
      .filter(({ level }) => level === 'err')
      .map(({ text }) => text);
  }
}

const claims = (): string[] =>
  surveyDevices(root).flatMap(({ hosts: attached }) =>
    attached.flatMap(({ name, claims: each }) =>
      each.map(({ dax, start, end }) => `${name} ${dax} ${start}-${end}`),
    ),
  );

describe('a dax device on shared memory', () => {
  it('is one file in all hosts', () => {
    const [one, other] = [new FakeMachine('one'), new FakeMachine('other')];
    const path = one.attach('dax0.0', 0, 4 * MIB);
    expect(other.attach('dax7.0', 0, 4 * MIB)).toBe(path);
    expect(statSync(path)).toMatchObject({ size: 4 * MIB, blocks: 0 });
    expect(claims()).toEqual(['one dax0.0 0-4194304', 'other dax7.0 0-4194304']);
  });

  it('cannot be opened where another host maps a part of it, and its log says who', () => {
    const [one, other] = [new FakeMachine('one'), new FakeMachine('other')];
    const path = one.attach('dax0.0', 0, 4 * MIB);
    const refused = other.attach('dax0.0', 2 * MIB, 4 * MIB);
    expect(() => openSync(refused, 'r')).toThrow('ENXIO');
    expect(other.errors()).toEqual([
      "dax0.0: dpa 0x200000-0x3fffff of shared device 'pool' overlaps 0x0-0x3fffff, which host 'one' maps as dax0.0; " +
        '/dev/dax0.0 cannot be opened',
    ]);
    expect(statSync(path).size).toBe(4 * MIB);
  });

  it('is tried again when its driver comes or goes, and only if it was refused', () => {
    const [one, other] = [new FakeMachine('one'), new FakeMachine('other')];
    const whole = one.attach('dax0.0', 0, 4 * MIB);
    writeFileSync(whole, 'left behind', { flag: 'r+' });
    other.attach('dax0.0', 0, 2 * MIB);
    one.contents.detach('dax0.0');
    other.announce('dax0.0');
    expect(other.changed).toEqual(['dax0.0', 'dax0.0']);
    other.contents.detach('dax0.0');
    const half = other.attachAgain('dax0.0');
    expect(readFileSync(half).toString('latin1', 0, 11)).toBe('left behind');
    expect(statSync(half).size).toBe(2 * MIB);
    other.announce('dax0.0');
    expect(other.changed).toHaveLength(2);
    expect(claims()).toEqual(['other dax0.0 0-2097152']);
  });

  it('is another one when its ranges are', () => {
    const one = new FakeMachine('one');
    one.attach('dax0.0', 0, 4 * MIB);
    one.changed.length = 0;
    one.set('dax0.0', [one.span(0, 2 * MIB)]);
    expect(one.changed).toEqual(['dax0.0']);
    one.contents.detach('dax0.0');
    expect(claims()).toEqual([]);
  });

  it('is taken by force for good: what is open of it is empty, and the next to have it gets another file', () => {
    const [one, other] = [new FakeMachine('one'), new FakeMachine('other')];
    const path = one.attach('dax0.0', 0, MIB);
    writeFileSync(path, 'of one', { flag: 'r+' });
    one.changed.length = 0;
    const open = openSync(path, 'r');
    one.lost.add('dax0.0');
    one.contents.lose('dax0.0');
    expect([existsSync(path), claims(), one.changed]).toEqual([false, [], ['dax0.0']]);
    const next = other.attach('dax0.0', 0, MIB);
    expect(readFileSync(next).equals(Buffer.alloc(MIB))).toBe(true);
    writeFileSync(next, 'of other', { flag: 'r+' });
    expect(fstatSync(open)).toMatchObject({ size: 0, nlink: 0 });
    closeSync(open);
    // As /dev does when it is told of the change, and when a driver comes or goes later.
    one.contents.detach('dax0.0');
    expect(one.attachAgain('dax0.0')).toBe('none');
    one.announce('dax0.0');
    expect([one.contents.isOpen('dax0.0'), claims(), one.errors()]).toEqual([
      false,
      ['other dax0.0 0-1048576'],
      [],
    ]);
  });

  it('stays as it is where another host has the memory too, and is no more of this one', () => {
    const [one, other] = [new FakeMachine('one'), new FakeMachine('other')];
    const path = one.attach('dax0.0', 0, MIB);
    other.attach('dax0.0', 0, MIB);
    one.changed.length = 0;
    one.lost.add('dax0.0');
    one.contents.lose('dax0.0');
    expect([statSync(path).size, claims(), one.changed]).toEqual([
      MIB,
      ['other dax0.0 0-1048576'],
      ['dax0.0'],
    ]);
    expect(one.log.lines().at(-1)?.text).toContain('another host has its memory too');
    expect(one.attachAgain('dax0.0')).toBe('none');
  });

  it('is lost even where the folder was removed, and the log says so', () => {
    const one = new FakeMachine('one');
    one.attach('dax0.0', 0, MIB);
    one.changed.length = 0;
    rmSync(join(root, 'pool'), { recursive: true });
    one.lost.add('dax0.0');
    one.contents.lose('dax0.0');
    expect(one.errors()[0]).toContain("dax0.0: host 'one' is not attached to");
    expect([one.changed, one.attachAgain('dax0.0')]).toEqual([['dax0.0'], 'none']);
  });

  it('cannot be opened where it is unknown what another host maps', () => {
    const [one] = [new FakeMachine('one'), new FakeMachine('other')];
    const record = join(root, 'pool', 'hosts', 'other');
    truncateSync(record, 20);
    expect(() => openSync(one.attach('dax0.0', 0, MIB), 'r')).toThrow('ENXIO');
    expect(one.errors()[0]).toContain(`${record} does not say what host 'other' maps`);
  });

  it('leaves devices of the machine alone to its own contents', () => {
    const one = new FakeMachine('one');
    one.contents.lose('dax9.0');
    expect([one.own, one.contents.isOpen('dax9.0'), one.contents.isOpen('dax8.0')]).toEqual([
      ['lose dax9.0'],
      true,
      false,
    ]);
  });

  it('keeps what it holds when a host has it erased; devices of the machine alone do not', () => {
    const one = new FakeMachine('one');
    const path = one.attach('dax0.0', 0, MIB);
    writeFileSync(path, 'kept');
    one.contents.detach('dax0.0');
    one.contents.erase('1000@pool', 256 * MIB);
    one.contents.erase('1@own', MIB);
    expect(readFileSync(one.attachAgain('dax0.0')).toString('latin1', 0, 4)).toBe('kept');
    expect(one.own).toEqual(['erase 1@own']);
    expect(one.log.lines().map(({ text }) => text)).toEqual([
      '1000@pool: it is shared with other hosts, so its contents stay as they are',
    ]);
  });

  it.each<[string, (machine: FakeMachine) => string]>([
    [
      'interleaved over two',
      (machine) => machine.attach('dax0.0', 0, MIB, ['1000@pool', '1000@pool']),
    ],
    [
      'interleaved with one that is not shared',
      (machine) => machine.attach('dax0.0', 0, MIB, ['1@own', '1000@pool']),
    ],
    [
      'of two ranges',
      (machine) => {
        machine.set('dax0.0', [machine.span(0, MIB), machine.span(2 * MIB, 3 * MIB)]);
        return machine.attachAgain('dax0.0');
      },
    ],
  ])('cannot be opened if it is %s', (_, make) => {
    const machine = new FakeMachine('one');
    const path = make(machine);
    expect(() => openSync(path, 'r+')).toThrow('ENXIO');
    expect(machine.errors()).toEqual([
      'dax0.0: an interleaved device, or one of several ranges, is not a single range of shared memory; ' +
        '/dev/dax0.0 cannot be opened',
    ]);
    expect([claims(), machine.own]).toEqual([[], []]);
  });

  it('cannot be opened when the folder was removed, rather than being private memory', () => {
    const machine = new FakeMachine('one');
    rmSync(join(root, 'pool'), { recursive: true });
    expect(() => openSync(machine.attach('dax0.0', 0, MIB), 'r')).toThrow('ENXIO');
    expect(machine.errors()[0]).toContain("host 'one' is not attached to");
    expect(existsSync(join(root, 'pool'))).toBe(false);
  });

  it('leaves devices that are not shared to the machine', () => {
    const machine = new FakeMachine('one');
    expect(machine.attach('dax0.0', 0, MIB, ['1@own'])).toBe('/private/dax0.0');
    machine.contents.detach('dax0.0');
    expect(machine.own).toEqual(['attach dax0.0', 'detach dax0.0']);
    expect(machine.changed).toEqual(['dax0.0']);
  });
});

interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly file: number;
}

describe('random claims and releases of three hosts', () => {
  const names = ['a', 'b', 'c'];
  const step = fc.record({
    host: fc.constantFrom(...names),
    kind: fc.constantFrom('claim', 'claim', 'release', 'store'),
    // Few bounds, so that many claims are equal and many overlap.
    start: fc.nat(5),
    pages: fc.integer({ min: 1, max: 4 }),
    byte: fc.integer({ min: 1, max: 255 }),
  });

  it('never overlap with other bounds, and keep contents and what is mapped', () => {
    for (const name of names) attach(name);
    const members = new Map(names.map((name) => [name, new MemberDevice(root, 'pool', name)]));
    const media = join(root, 'pool', 'media');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        rmSync(media, { recursive: true });
        mkdirSync(media);
        const model = Buffer.alloc(16 * PAGE);
        const mapped = new Map<string, Mapping>();
        const unmap = (host: string): void => {
          const mapping = mapped.get(host);
          if (mapping !== undefined) closeSync(mapping.file);
          mapped.delete(host);
        };
        for (const { host, kind, start: page, pages, byte } of steps) {
          const member = members.get(host);
          const [start, end] = [page * PAGE, (page + pages) * PAGE];
          const mapping = mapped.get(host);
          if (kind === 'release') {
            member?.release('dax0.0');
            unmap(host);
          }
          if (kind === 'store' && mapping !== undefined) {
            writeSync(mapping.file, Buffer.alloc(PAGE, byte), 0, PAGE, 0);
            model.fill(byte, mapping.start, mapping.start + PAGE);
          }
          if (kind === 'claim') {
            const refused = [...mapped].some(
              ([other, each]) =>
                other !== host &&
                each.start < end &&
                start < each.end &&
                !(each.start === start && each.end === end),
            );
            const claim = (): string | undefined =>
              member?.claim({ dax: 'dax0.0', start, end }, (folder) => {
                const pieces = new MediaPieces(folder);
                const path = pieces.claim(start, end);
                pieces.close();
                return path;
              });
            if (refused) expect(claim).toThrow('overlaps');
            else {
              const path = claim() ?? '';
              unmap(host);
              mapped.set(host, { start, end, file: openSync(path, 'r+') });
            }
          }
          for (const { start: from, end: to, file } of mapped.values()) {
            const bytes = Buffer.alloc(to - from);
            readSync(file, bytes, 0, bytes.length, 0);
            expect(fstatSync(file)).toMatchObject({ size: to - from, nlink: 1 });
            expect(bytes.equals(model.subarray(from, to))).toBe(true);
          }
        }
        for (const name of names) {
          members.get(name)?.release('dax0.0');
          unmap(name);
        }
        const bytes = Buffer.alloc(model.length);
        const pieces = new MediaPieces(media);
        pieces.read(0, bytes);
        pieces.close();
        expect(bytes.equals(model)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});
