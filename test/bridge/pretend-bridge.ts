/**
 * A bridge without perl: it opens `cxlbox/calls` of a machine in this process, brings calls and
 * obeys orders on a memory of its own.
 */
import type { CallHost } from '../../src/calls/called-machine.ts';
import { ANSWER_HEADER, OPERATION, ORDER_HEADER } from '../../src/calls/orders.ts';
import { serveCalls } from '../../src/calls/serve-calls.ts';
import { CALL_SIZE } from '../../src/calls/system-call.ts';
import { boxPath } from '../../src/cxlbox-abi/box-file.ts';
import { CALLS } from '../../src/cxlbox-abi/calls.ts';
import { fileAt } from '../../src/kernfs/access.ts';
import { OpenFile } from '../../src/kernfs/open-file.ts';
import type { BootedMachine } from '../../src/platform/machine.ts';

/** The one page of the caller. */
export const PAGE = 0x7000;
const PAGE_LENGTH = 0x2000;

export type Ended =
  | { readonly value: number }
  | { readonly errno: number }
  | { readonly continues: true };

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

export function serve(machine: BootedMachine, host: Partial<CallHost> = {}): void {
  serveCalls(machine.kernel, machine.cxl, {
    left: () => {},
    deviceOf: (_pid, descriptor) => (descriptor >= 100 ? `cxl/mem${descriptor - 100}` : undefined),
    now: () => 5n,
    ...host,
  });
}

export class PretendBridge {
  readonly memory = new Uint8Array(PAGE_LENGTH);
  readonly open: OpenFile;
  /** Bytes of one write. */
  private readonly piece: number;

  constructor(machine: BootedMachine, piece = 4096) {
    const file = fileAt(machine.kernel.root, boxPath(CALLS));
    this.open = new OpenFile(file, { read: true, write: true });
    this.piece = piece;
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  call(number: number, ...args: readonly (number | bigint)[]): Ended {
    const call = new DataView(new ArrayBuffer(CALL_SIZE));
    call.setInt32(8, 1234, true);
    call.setInt32(12, number, true);
    for (const [index, value] of args.entries())
      call.setBigUint64(16 + index * 8, BigInt.asUintN(64, BigInt(value)), true);
    this.send(new Uint8Array(call.buffer));
    return this.obey();
  }

  private send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.piece)
      this.open.write(text(bytes.subarray(at, at + this.piece)));
  }

  private receive(size: number): Buffer {
    let got = '';
    while (got.length < size) got += this.open.read(0, Math.min(this.piece, size - got.length));
    return Buffer.from(got, 'latin1');
  }

  private obey(): Ended {
    let faulted = false;
    for (;;) {
      const header = this.receive(ORDER_HEADER);
      const [operation, length] = [header.readUInt32LE(0), header.readUInt32LE(4)];
      const address = Number(header.readBigUInt64LE(8)) - PAGE;
      switch (operation) {
        case OPERATION.read: {
          const inside = address >= 0 && address < PAGE_LENGTH;
          const bytes = inside ? this.memory.subarray(address, address + length) : [];
          const answer = Buffer.alloc(ANSWER_HEADER + bytes.length);
          answer.writeUInt32LE(bytes.length);
          answer.set(bytes, ANSWER_HEADER);
          this.send(answer);
          break;
        }
        case OPERATION.write: {
          const bytes = this.receive(length);
          faulted ||= address < 0 || address + length > PAGE_LENGTH;
          if (!faulted) this.memory.set(bytes, address);
          break;
        }
        case OPERATION.done:
          if (length !== 0) return { errno: length };
          return faulted ? { errno: 14 } : { value: Number(header.readBigInt64LE(8)) };
        case OPERATION.continue:
          return { continues: true };
        default:
          throw new Error(`unknown order ${operation}`);
      }
    }
  }
}
