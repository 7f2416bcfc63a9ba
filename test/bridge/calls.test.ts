// System calls as a bridge brings them, answered by a machine in this process.
import { describe, expect, it } from 'vitest';
import { SYSTEM_CALL } from '../../src/calls/system-call.ts';
import { Payload } from '../../src/cxl/mailbox/payload.ts';
import { ERRNO, type Errno } from '../../src/errno.ts';
import { readFile } from '../../src/kernfs/access.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import { boot } from '../../src/platform/boot.ts';
import { parseMachine } from '../../src/platform/description/parse.ts';
import type { BootedMachine } from '../../src/platform/machine.ts';
import { writePath } from '../../src/platform/user-write.ts';
import { type Ended, PAGE, PretendBridge, serve } from './pretend-bridge.ts';

const QUERY = 0x8008ce01;
const SEND = 0xc030ce02;
/** Descriptor of mem0. */
const MEM0 = 100;
const INPUT = PAGE + 0x100;
const OUTPUT = PAGE + 0x1000;

const MACHINE = `
host_bridges: [{ root_ports: [{ device: near }, { device: far }] }]
devices:
  near: { ram: 1GiB, pmem: 1GiB, label_storage_size: 4KiB, partition_alignment: 256MiB, mem: 0 }
  far: { ram: 1GiB, mem: 1 }
`;

function machineWithBridge(piece?: number): { machine: BootedMachine; bridge: PretendBridge } {
  const machine = boot(parseMachine(MACHINE, 'bridge.yaml'));
  serve(machine);
  return { machine, bridge: new PretendBridge(machine, piece) };
}

interface Command {
  readonly id: number;
  readonly flags?: number;
  readonly reserved?: number;
  readonly input?: Uint8Array;
  readonly sizeIn?: number;
  readonly sizeOut?: number;
  readonly inputAt?: number;
  readonly outputAt?: number;
}

interface Sent {
  readonly ended: Ended;
  readonly code: number;
  readonly sizeOut: number;
}

function send(bridge: PretendBridge, command: Command, descriptor = MEM0): Sent {
  const { id, flags = 0, reserved = 0, input = new Uint8Array(0), sizeOut = 0 } = command;
  bridge.memory.set(input, INPUT - PAGE);
  const block = new Payload(bridge.memory.subarray(0, 48));
  block.bytes.fill(0);
  block
    .setU32(0, id)
    .setU32(4, flags)
    .setU32(8, reserved)
    .setU32(16, command.sizeIn ?? input.length)
    .setU64(24, BigInt(command.inputAt ?? INPUT))
    .setU32(32, sizeOut)
    .setU64(40, BigInt(command.outputAt ?? OUTPUT));
  const ended = bridge.call(SYSTEM_CALL.ioctl, descriptor, SEND, PAGE);
  return { ended, code: block.u32(12), sizeOut: block.s32(32) };
}

const OK: Ended = { value: 0 };
const failed = (errno: Errno): Ended => ({ errno: ERRNO[errno] });

describe.each([4096, 7, 1])('in pieces of %d bytes', (piece) => {
  it('a query with room for none counts the commands', () => {
    const { bridge } = machineWithBridge(piece);
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, QUERY, PAGE)).toEqual(OK);
    expect(bridge.view.getUint32(0, true)).toBe(25);
  });

  it('a query lists the commands by id, with zeroes for ids that are not in use', () => {
    const { bridge } = machineWithBridge(piece);
    bridge.view.setUint32(0, 25, true);
    // Commands arrive with their sign spread, or not.
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, BigInt.asIntN(32, BigInt(QUERY)), PAGE)).toEqual(
      OK,
    );
    const infos = new Payload(bridge.memory.subarray(8, 8 + 25 * 16));
    const rows = Array.from({ length: 25 }, (_, id) =>
      [0, 4, 8, 12].map((at) => infos.s32(id * 16 + at)),
    );
    expect(rows).toEqual([
      [0, 0, 0, 0],
      [1, 1, 0, 0x43],
      [2, 0, -1, -1],
      [3, 1, 0, -1],
      [4, 1, 0, 0x50],
      [5, 1, 0, 0x20],
      [6, 1, 8, -1],
      [7, 1, 0, 0x12],
      [8, 1, 0x18, -1],
      [9, 1, 0x0a, 0],
      // Its cxl_nvdimm is bound.
      [10, 3, -1, 0],
      [11, 1, 0, 0x10],
      [12, 1, 0x0c, 0],
      [13, 1, 0, 1],
      [14, 3, 1, 0],
      ...[15, 16, 17].map(() => [0, 0, 0, 0]),
      [18, 1, 0x10, 4],
      ...[19, 20].map(() => [0, 0, 0, 0]),
      [21, 1, 0, 8],
      [22, 1, 0x10, 4],
      [23, 1, 0x10, 0],
      [24, 1, 2, -1],
    ]);
  });

  it('a command brings its answer, and how long that is', () => {
    const { bridge } = machineWithBridge(piece);
    expect(send(bridge, { id: 1, sizeOut: 0x100 })).toEqual({ ended: OK, code: 0, sizeOut: 0x43 });
    const identity = new Payload(bridge.memory.subarray(OUTPUT - PAGE));
    expect([identity.text(0, 16), identity.u64(16)]).toEqual(['BWFW VERSION 00', 8n]);
  });
});

describe('a query', () => {
  it('fills as much as there is room for', () => {
    const { bridge } = machineWithBridge();
    bridge.memory.fill(0xff);
    bridge.view.setUint32(0, 2, true);
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, QUERY, PAGE)).toEqual(OK);
    expect(bridge.view.getInt32(8 + 2 * 16, true)).toBe(-1);
    expect(bridge.view.getInt32(8 + 16, true)).toBe(1);
  });

  it.each([
    ['that cannot be read', 0],
    ['whose entries cannot be written', PAGE + 0x2000 - 16],
  ])('of memory %s fails', (_what, address) => {
    const { bridge } = machineWithBridge();
    bridge.view.setUint32(0x2000 - 16, 9, true);
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, QUERY, address)).toEqual(failed('EFAULT'));
  });
});

describe('a command is refused with', () => {
  it.each([
    ['ENOTTY', 'an id that is not in use', { id: 15 }],
    ['ENOTTY', 'an id beyond the last', { id: 25 }],
    ['EPERM', 'a raw opcode', { id: 2 }],
    ['EINVAL', 'more input than a mailbox holds', { id: 10, sizeIn: 2049 }],
    ['EINVAL', 'a negative size of input', { id: 10, sizeIn: -1 }],
    ['EINVAL', 'an unknown flag', { id: 1, flags: 4, sizeOut: 0x43 }],
    ['EINVAL', 'a reserved field', { id: 1, reserved: 1, sizeOut: 0x43 }],
    ['ENOMEM', 'input of another size', { id: 6, input: new Uint8Array(7) }],
    ['ENOMEM', 'too little room', { id: 1, sizeOut: 0x42 }],
    ['ENOMEM', 'more room than there is memory', { id: 1, sizeOut: 2 ** 31 - 1 }],
    ['EBUSY', 'labels while cxl_nvdimm is bound', { id: 10, input: new Uint8Array(9) }],
    ['EFAULT', 'input that cannot be read', { id: 6, sizeIn: 8, inputAt: 0 }],
    ['EFAULT', 'output that cannot be written', { id: 1, sizeOut: 0x43, outputAt: 0 }],
  ] as const)('%s: %s', (errno, _what, command) => {
    const { bridge } = machineWithBridge();
    expect(send(bridge, command).ended).toEqual(failed(errno));
  });

  it('EBUSY: partitions at once', () => {
    const { bridge } = machineWithBridge();
    const input = Payload.ofSize(10).setU8(8, 1).bytes;
    expect(send(bridge, { id: 9, input }).ended).toEqual(failed('EBUSY'));
  });

  it('EBUSY: a log to be cleared that is not the vendor’s', () => {
    const { bridge } = machineWithBridge();
    expect(send(bridge, { id: 23, input: new Uint8Array(16) }).ended).toEqual(failed('EBUSY'));
  });

  it('EBUSY: all but its health while the device is sanitized', () => {
    const { machine, bridge } = machineWithBridge();
    writePath(machine.kernel, '/sys/bus/cxl/devices/mem0/security/sanitize', '1');
    expect(send(bridge, { id: 1, sizeOut: 0x43 }).ended).toEqual(failed('EBUSY'));
    expect(send(bridge, { id: 7, sizeOut: 0x12 }).ended).toEqual(OK);
  });

  it('ENOTTY: labels that the device does not have', () => {
    const { bridge } = machineWithBridge();
    const input = new Uint8Array(8);
    expect(send(bridge, { id: 6, input }, MEM0 + 1).ended).toEqual(failed('ENOTTY'));
  });

  it('a line of the log that says why', () => {
    const { machine, bridge } = machineWithBridge();
    send(bridge, { id: 25 });
    expect(machine.kernel.log.lines().at(-1)?.text).toBe(
      '/dev/cxl/mem0: ioctl refused: ENOTTY: no command of id 25',
    );
  });
});

it('what the device refuses is a return code, and an answer of zeroes', () => {
  const { bridge } = machineWithBridge();
  bridge.memory.fill(0xff);
  const input = Payload.ofSize(8).setU32(0, 4096).setU32(4, 4).bytes;
  expect(send(bridge, { id: 6, input, sizeOut: 4 })).toEqual({ ended: OK, code: 2, sizeOut: 4 });
  expect([...bridge.memory.subarray(OUTPUT - PAGE, OUTPUT - PAGE + 5)]).toEqual([0, 0, 0, 0, 255]);
});

it('labels can be written when the memory device is unbound, and are still there later', () => {
  const { machine, bridge } = machineWithBridge();
  writePath(machine.kernel, '/sys/bus/cxl/drivers/cxl_mem/unbind', 'mem0');
  const input = Uint8Array.from([0, 1, 0, 0, 0, 0, 0, 0, 42]);
  expect(send(bridge, { id: 10, input }).ended).toEqual(OK);
  writePath(machine.kernel, '/sys/bus/cxl/drivers/cxl_mem/bind', 'mem0');
  const range = Payload.ofSize(8).setU32(0, 256).setU32(4, 1).bytes;
  expect(send(bridge, { id: 6, input: range, sizeOut: 1 }).ended).toEqual(OK);
  expect(bridge.memory[OUTPUT - PAGE]).toBe(42);
});

it('firmware that was loaded through sysfs is staged', () => {
  const { machine, bridge } = machineWithBridge();
  const folder = '/sys/class/firmware/mem0';
  for (const [name, text] of [
    ['loading', '1'],
    ['data', '3.0\n'],
    ['loading', '0'],
  ] as const)
    writePath(machine.kernel, `${folder}/${name}`, text);
  expect(send(bridge, { id: 4, sizeOut: 0x50 }).ended).toEqual(OK);
  const info = new Payload(bridge.memory.subarray(OUTPUT - PAGE));
  expect([info.u8(1), info.text(32, 16)]).toEqual([1 | (2 << 3), '3.0']);
});

it('firmware without a byte is an error, which the file tells', () => {
  const { machine } = machineWithBridge();
  const folder = '/sys/class/firmware/mem0';
  for (const text of ['1', '0']) writePath(machine.kernel, `${folder}/loading`, text);
  expect(readFile(machine.kernel.root, `${folder}/error`)).toBe('preparing:invalid-file-size\n');
});

describe('an ioctl', () => {
  it('of another device is left to the host', () => {
    const { bridge } = machineWithBridge();
    expect(bridge.call(SYSTEM_CALL.ioctl, 3, QUERY, PAGE)).toEqual({ continues: true });
  });

  it('that a memory device does not know is ENOTTY', () => {
    const { bridge } = machineWithBridge();
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, 0xce03, PAGE)).toEqual(failed('ENOTTY'));
  });

  it('of a memory device that is gone is ENXIO', () => {
    const { machine, bridge } = machineWithBridge();
    const function0 = machine.cxl.memdevs.get(0)?.hardware.config.address ?? '';
    writePath(machine.kernel, `/sys/bus/pci/devices/${function0}/driver/unbind`, function0);
    expect(bridge.call(SYSTEM_CALL.ioctl, MEM0, QUERY, PAGE)).toEqual(failed('ENXIO'));
  });
});

it('a call of no surface is left to the host', () => {
  const { bridge } = machineWithBridge();
  expect(bridge.call(9999)).toEqual({ continues: true });
});

describe('the file', () => {
  it('has one opener at a time', () => {
    const { machine, bridge } = machineWithBridge();
    expect(() => new PretendBridge(machine)).toThrow('EBUSY');
    bridge.open.close();
    expect(() => new PretendBridge(machine)).not.toThrow();
  });

  it('forgets a call whose bridge is gone in the middle of it', () => {
    const { machine, bridge } = machineWithBridge();
    bridge.open.write('\0'.repeat(10));
    bridge.open.close();
    const next = new PretendBridge(machine);
    expect(next.call(9999)).toEqual({ continues: true });
  });

  it('tells when its bridge is gone, and not of one that came too late', () => {
    const machine = boot(parseMachine(MACHINE, 'bridge.yaml'));
    let left = 0;
    serve(machine, {
      left: () => {
        left += 1;
      },
    });
    const bridge = new PretendBridge(machine);
    expect(() => new PretendBridge(machine)).toThrow('EBUSY');
    expect(left).toBe(0);
    bridge.open.close();
    expect(left).toBe(1);
  });

  it('takes no answer of more bytes than were asked for', () => {
    const { bridge } = machineWithBridge();
    const call = Buffer.alloc(64);
    call.writeInt32LE(SYSTEM_CALL.ioctl, 12);
    call.writeBigUInt64LE(BigInt(MEM0), 16);
    call.writeBigUInt64LE(BigInt(QUERY), 24);
    bridge.open.write(call.toString('latin1'));
    expect(() => bridge.open.write('\xff\xff\xff\xff')).toThrow('EINVAL');
    expect(bridge.call(9999)).toEqual({ continues: true });
  });

  it('has no orders without a call', () => {
    const { bridge } = machineWithBridge();
    expect(() => bridge.open.read(0, 24)).toThrow('EAGAIN');
  });

  it('goes on after a call that met a bug', () => {
    const machine = boot(parseMachine(MACHINE, 'bridge.yaml'));
    let buggy = true;
    serve(machine, {
      deviceOf: () => {
        if (buggy) throw new Error('a bug');
        return undefined;
      },
    });
    const bridge = new PretendBridge(machine);
    expect(() => bridge.call(SYSTEM_CALL.ioctl, 3, QUERY, PAGE)).toThrow('a bug');
    buggy = false;
    expect(bridge.call(SYSTEM_CALL.ioctl, 3, QUERY, PAGE)).toEqual({ continues: true });
    expect(bridge.open).toBeInstanceOf(OpenFile);
  });
});
