import { describe, expect, it } from 'vitest';
import type { MemoryDeviceConfig } from '../config.ts';
import { WARNINGS } from '../objects/mailbox-state.ts';
import { MemoryHardware } from '../objects/memory-hardware.ts';
import { SecurityPoints } from '../objects/security-points.ts';
import { RETURN_CODE } from './device-command.ts';
import { perform, supports } from './device-commands.ts';
import { stageFirmware } from './firmware.ts';
import { VENDOR_DEBUG_LOG } from './logs.ts';
import { Payload } from './payload.ts';

const GIB = 2 ** 30;

function device(config: Partial<MemoryDeviceConfig> = {}): MemoryHardware {
  const whole: MemoryDeviceConfig = {
    kind: 'memory',
    address: '0000:0d:00.0',
    serial: 0x1000,
    partitions: [
      { mode: 'ram', size: GIB },
      { mode: 'pmem', size: GIB },
    ],
    decoders: 4,
    labelStorageSize: 4096,
    firmwareVersion: 'BWFW VERSION 00',
    payloadMax: 512,
    numaNode: -1,
    ...config,
  };
  return new MemoryHardware(whole, new SecurityPoints());
}

const now = (): bigint => 1_700_000_000_000_000_000n;

function bytes(...values: readonly number[]): Payload {
  return new Payload(Uint8Array.from(values));
}

/** Numbers of 32 bits. */
function words(...values: readonly number[]): Payload {
  const payload = Payload.ofSize(values.length * 4);
  for (const [index, value] of values.entries()) payload.setU32(index * 4, value);
  return payload;
}

function answerOf(hardware: MemoryHardware, opcode: number, input = Payload.ofSize(0)): Payload {
  const { code, answer, reason } = perform(hardware, opcode, input, now);
  expect([code, reason]).toEqual([0, '']);
  return answer;
}

function codeOf(hardware: MemoryHardware, opcode: number, input: Payload): number {
  return perform(hardware, opcode, input, now).code;
}

describe('Identify', () => {
  it.each([
    ['fixed', {}, [8n, 4n, 4n, 0n]],
    ['partitionable', { partitionAlignment: 2 ** 28 }, [8n, 0n, 0n, 1n]],
  ] as const)('%s capacity, in units of 256 MiB', (_what, config, expected) => {
    const identity = answerOf(device(config), 0x4000);
    expect(identity.length).toBe(0x43);
    expect([16, 24, 32, 40].map((at) => identity.u64(at))).toEqual(expected);
    expect(identity.text(0, 16)).toBe('BWFW VERSION 00');
    expect(identity.u32(56)).toBe(4096);
  });
});

describe('partitions', () => {
  const sizes = (hardware: MemoryHardware): bigint[] =>
    [0, 8, 16, 24].map((at) => answerOf(hardware, 0x4100).u64(at));
  const volatile = (units: number): Payload => Payload.ofSize(10).setU64(0, BigInt(units));

  it('change when the device is reset', () => {
    const hardware = device({ partitionAlignment: 2 ** 28 });
    answerOf(hardware, 0x4101, volatile(6));
    expect(sizes(hardware)).toEqual([4n, 4n, 6n, 2n]);
    hardware.losePower();
    expect(sizes(hardware)).toEqual([6n, 2n, 0n, 0n]);
    expect(hardware.partitions).toEqual([
      { mode: 'ram', start: 0, size: 1.5 * GIB },
      { mode: 'pmem', start: 1.5 * GIB, size: 0.5 * GIB },
    ]);
  });

  it('may be all of one kind', () => {
    const hardware = device({ partitionAlignment: 2 ** 28 });
    answerOf(hardware, 0x4101, volatile(0));
    hardware.losePower();
    expect(hardware.partitions).toEqual([{ mode: 'pmem', start: 0, size: 2 * GIB }]);
  });

  it.each([
    [{}, 4, 'unsupported'],
    [{ partitionAlignment: 2 ** 29 }, 3, 'invalidInput'],
    [{ partitionAlignment: 2 ** 28 }, 9, 'invalidInput'],
  ] as const)('with %j, %d units are refused', (config, units, code) => {
    expect(codeOf(device(config), 0x4101, volatile(units))).toBe(RETURN_CODE[code]);
  });
});

describe('labels', () => {
  it('are what was written', () => {
    const hardware = device();
    answerOf(hardware, 0x4103, bytes(16, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3));
    expect([...answerOf(hardware, 0x4102, words(14, 6)).bytes]).toEqual([0, 0, 1, 2, 3, 0]);
  });

  it('stay over a reset', () => {
    const hardware = device();
    answerOf(hardware, 0x4103, bytes(0, 0, 0, 0, 0, 0, 0, 0, 7));
    hardware.losePower();
    expect([...answerOf(hardware, 0x4102, words(0, 1)).bytes]).toEqual([7]);
  });

  it.each([
    [0x4102, words(4096, 1), 'invalidInput'],
    [0x4102, words(0, 513), 'invalidPayloadLength'],
    [0x4103, words(4096, 0, 0), 'invalidInput'],
    [0x4103, words(0), 'invalidPayloadLength'],
  ] as const)('0x%x refuses what is not in the area', (opcode, input, code) => {
    expect(codeOf(device(), opcode, input)).toBe(RETURN_CODE[code]);
  });

  it('need an area', () => {
    const hardware = device({ labelStorageSize: 0 });
    expect([0x4102, 0x4103, 0x4100].map((opcode) => supports(hardware, opcode))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('alerts', () => {
  /** Warnings chosen, warnings switched on, then life, -, over, under, volatile, persistent. */
  const config = (chosen: number, enabled: number, values: readonly number[]): Payload => {
    const [life = 0, over = 0, under = 0, ram = 0, pmem = 0] = values;
    return Payload.ofSize(12)
      .setU8(0, chosen)
      .setU8(1, enabled)
      .setU8(2, life)
      .setU16(4, over)
      .setU16(6, under)
      .setU16(8, ram)
      .setU16(10, pmem);
  };

  it('are those of the recorded device, and can all be programmed', () => {
    const alerts = answerOf(device(), 0x4201);
    expect([...alerts.bytes]).toEqual([0, 31, 75, 40, 35, 0, 10, 0, 25, 0, 20, 0, 0, 0, 0, 0]);
  });

  it('are as they were set, those that were chosen only', () => {
    const hardware = device();
    answerOf(hardware, 0x4202, config(0b00011, 0b00011, [50, 30, 1, 1, 1]));
    answerOf(hardware, 0x4202, config(0b10010, 0b10000, [0, 0, 0, 0, 9]));
    const alerts = answerOf(hardware, 0x4201);
    expect([0, 3].map((at) => alerts.u8(at))).toEqual([0b10001, 50]);
    expect([8, 10, 12, 14].map((at) => alerts.u16(at))).toEqual([30, 20, 0, 9]);
  });

  it.each([
    ['life used', config(1, 1, [75])],
    ['over temperature', config(2, 2, [0, 35])],
    ['under temperature', config(4, 4, [0, 0, 10])],
  ])('a warning of %s comes before its alert', (_what, input) => {
    expect(codeOf(device(), 0x4202, input)).toBe(RETURN_CODE.invalidInput);
  });

  it.each([
    ['nothing', {}, 0],
    ['life beyond its warning', { lifeUsed: 60 }, 0b000001],
    ['life beyond its alert', { lifeUsed: 75 }, 0b000010],
    ['heat beyond its warning', { temperature: 31 }, 0b000100],
    ['heat beyond its alert', { temperature: 35 }, 0b001000],
    ['cold below its warning', { temperature: 15 }, 0b000100],
    ['cold below its alert', { temperature: -3 }, 0b001000],
    ['volatile errors', { correctedVolatileErrors: 2 }, 0b010000],
    ['persistent errors', { correctedPersistentErrors: 3 }, 0b100000],
  ] as const)('health tells of %s', (_what, measured, status) => {
    const hardware = device();
    answerOf(hardware, 0x4202, config(31, 31, [50, 30, 15, 2, 3]));
    Object.assign(hardware.mailbox.health, measured);
    const health = answerOf(hardware, 0x4200);
    expect(health.u8(2)).toBe(status);
    expect(health.s16(4)).toBe(hardware.mailbox.health.temperature);
  });

  it('has a bit for each warning', () => {
    expect(WARNINGS).toHaveLength(5);
  });
});

describe('shutdown state', () => {
  it('left dirty, a loss of power is counted', () => {
    const hardware = device();
    hardware.losePower();
    answerOf(hardware, 0x4204, bytes(1));
    expect(answerOf(hardware, 0x4203).u8(0)).toBe(1);
    hardware.losePower();
    expect(answerOf(hardware, 0x4203).u8(0)).toBe(0);
    expect(answerOf(hardware, 0x4200).u32(6)).toBe(1);
  });
});

describe('firmware', () => {
  const versions = (hardware: MemoryHardware): string[] =>
    [16, 32].map((at) => answerOf(hardware, 0x0200).text(at, 16));
  /** Active, and staged. */
  const slots = (hardware: MemoryHardware): number[] => {
    const info = answerOf(hardware, 0x0200).u8(1);
    return [info & 7, (info >> 3) & 7];
  };

  it.each([
    ['2.1.0\nmore', '2.1.0'],
    ['a version of more than 16', 'a version of mor'],
    ['\x7fELF', 'slot 2'],
  ])('image %j is staged as %s, and runs after a reset', (image, version) => {
    const hardware = device();
    expect([versions(hardware), slots(hardware)]).toEqual([
      ['BWFW VERSION 00', ''],
      [1, 0],
    ]);
    stageFirmware(hardware, image);
    expect([versions(hardware), slots(hardware)]).toEqual([
      ['BWFW VERSION 00', version],
      [1, 2],
    ]);
    hardware.losePower();
    expect(slots(hardware)).toEqual([2, 0]);
    expect(hardware.mailbox.firmwareVersion).toBe(version);
  });
});

describe('logs', () => {
  const uuid = (text: string): readonly number[] =>
    Array.from({ length: 16 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
  const EFFECTS = '0da9c0b5bf414b788f7996b1623b3f17';
  const get = (text: string, offset: number, length: number): Payload =>
    Payload.ofSize(24)
      .setBytes(0, Uint8Array.from(uuid(text)))
      .setU32(16, offset)
      .setU32(20, length);

  it('are the effects of commands, and what was refused', () => {
    const hardware = device();
    codeOf(hardware, 0x4102, words(4096, 1));
    const list = answerOf(hardware, 0x0400);
    expect([list.u16(0), list.length]).toEqual([2, 48]);
    const [effects, debug] = [list.u32(24), list.u32(44)];
    expect(answerOf(hardware, 0x0401, get(EFFECTS, 0, effects)).u16(0)).toBe(0x0200);
    const text = answerOf(hardware, 0x0401, get(VENDOR_DEBUG_LOG, 0, debug));
    expect(text.text(0, text.length)).toContain('opcode 0x4102: bytes 4096');
  });

  it('the effects name each command once, in order', () => {
    const hardware = device();
    const { length } = answerOf(hardware, 0x0401, get(EFFECTS, 0, 80));
    const log = answerOf(hardware, 0x0401, get(EFFECTS, 0, length));
    const opcodes = Array.from({ length: length / 4 }, (_, index) => log.u16(index * 4));
    expect(opcodes).toEqual([...new Set(opcodes)].sort((a, b) => a - b));
  });

  it('can be had one by one', () => {
    const list = answerOf(device(), 0x0405, bytes(5, 1));
    expect([list.u8(0), list.u16(2), list.u8(4), list.length]).toEqual([1, 2, 1, 28]);
  });

  it('the debug log can be cleared', () => {
    const hardware = device();
    hardware.mailbox.noteRefusal('why');
    const name = bytes(...uuid(VENDOR_DEBUG_LOG));
    expect(answerOf(hardware, 0x0402, name).u32(0)).toBe(1);
    answerOf(hardware, 0x0403, name);
    expect(hardware.mailbox.debugLog).toBe('');
  });

  it.each([
    [0x0401, get('00'.repeat(16), 0, 1), 'invalidLog'],
    [0x0401, get(EFFECTS, 9999, 1), 'invalidInput'],
    [0x0402, bytes(...uuid('11'.repeat(16))), 'invalidLog'],
    [0x0403, bytes(...uuid(EFFECTS)), 'unsupported'],
    [0x0405, bytes(1, 2), 'invalidInput'],
  ] as const)('0x%x refuses', (opcode, input, code) => {
    expect(codeOf(device(), opcode, input)).toBe(RETURN_CODE[code]);
  });
});

it('tells the time, and how long a scan takes', () => {
  const range = (start: bigint, units: bigint): Payload =>
    Payload.ofSize(16).setU64(0, start).setU64(8, units);
  expect(answerOf(device(), 0x0300).u64(0)).toBe(now());
  expect(answerOf(device(), 0x4303, range(0n, 2n ** 25n)).u32(0)).toBe(2);
  expect(codeOf(device(), 0x4303, range(64n, 2n ** 25n))).toBe(RETURN_CODE.invalidPhysicalAddress);
});

it('keeps the end of a long debug log', () => {
  const { mailbox } = device();
  for (let count = 0; count < 1000; count += 1) mailbox.noteRefusal(`refusal ${count}`);
  expect(mailbox.debugLog).toHaveLength(4096);
  expect(mailbox.debugLog.endsWith('refusal 999\n')).toBe(true);
});
