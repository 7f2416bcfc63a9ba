/**
 * One machine behind a FUSE server whose buffers hold a poison wherever the message at hand is not.
 * Two hosts with different poisons that are sent the same messages must do the same: else something
 * of the poison was read.
 */
import { createHash } from 'node:crypto';
import { KernelError } from '../../src/errno.ts';
import type { MemoryFile } from '../../src/fuse/dax-memory.ts';
import { FuseServer } from '../../src/fuse/server.ts';
import { KernfsDirectory, KernfsFile, type KernfsNode, pathOf } from '../../src/kernfs/node.ts';
import type { MachineDescription } from '../../src/platform/description/types.ts';
import { openFile, writeFile } from '../../src/platform/user-write.ts';
import { MachineRun } from '../properties/machine-run.ts';

const MEMORY_SIZE = 16_384;
/** From one message to the next. */
const MESSAGE_MILLISECONDS = 1;

/** A device's memory; pages beyond its end are faults. */
class TestMemory implements MemoryFile {
  readonly bytes = Buffer.alloc(MEMORY_SIZE);
  opens = 0;

  open(): void {
    this.opens += 1;
  }

  release(): void {
    this.opens -= 1;
  }

  fault(offset: number, into: Buffer): void {
    if (offset + into.length > MEMORY_SIZE) throw new KernelError('EIO', 'beyond the end');
    this.bytes.copy(into, 0, offset);
  }

  writeBack(offset: number, bytes: Buffer): void {
    bytes.copy(this.bytes, Math.min(offset, MEMORY_SIZE));
  }

  refused(): void {}
}

export class FuzzedHost {
  readonly run: MachineRun;
  readonly server: FuseServer;
  readonly memory = new Map<KernfsNode, TestMemory>();
  readonly faults: string[] = [];
  /** Of what left the server besides answers, and what reached the machine. */
  private readonly told = createHash('sha256');
  private readonly poison: number;
  /** So much of the input is not poison. */
  private dirty: number;

  constructor(description: MachineDescription, poison: number, traced: boolean) {
    this.run = new MachineRun(description);
    this.poison = poison;
    const { kernel } = this.run.machine;
    const folder = kernel.root.add(new KernfsDirectory('memory-files'));
    for (const name of ['one', 'two'])
      this.memory.set(
        folder.add(new KernfsFile(name, 0o600, {}, { size: MEMORY_SIZE })),
        new TestMemory(),
      );
    const tell = (what: string): void => void this.told.update(what);
    const told = <T>(path: string, work: () => T): T => {
      try {
        return work();
      } catch (error) {
        if (error instanceof KernelError) tell(`refused ${path} ${error.errno} ${error.reason}`);
        throw error;
      }
    };
    this.server = new FuseServer(
      {
        root: kernel.root,
        now: () => ({ seconds: 1000, nanoseconds: 5 }),
        open: (file, access) => told(pathOf(file), () => openFile(kernel, file, access)),
        write: (open, text) => told(pathOf(open.file), () => writeFile(kernel, open, text)),
        afterWrite: (file) => tell(`after ${file.name}`),
        fault: (error, operation) =>
          this.faults.push(`${operation}: ${error instanceof Error ? error.stack : error}`),
        memory: { fileOf: (node) => this.memory.get(node), takeInvalidations: () => [] },
        passTime: () => {
          const due = kernel.work.nextDue?.milliseconds === MESSAGE_MILLISECONDS;
          kernel.work.advance(MESSAGE_MILLISECONDS);
          return due;
        },
        nextDue: () => kernel.work.nextDue,
        sendLate: ({ last }) => void this.told.update(last ?? ''),
        ...(traced ? { trace: tell } : {}),
      },
      (message) => {
        this.told.update(message);
        return true;
      },
    );
    this.dirty = this.server.input.length;
  }

  /** The answer, or undefined if there is none. */
  send(message: Buffer): Buffer | undefined {
    const { input } = this.server;
    input.fill(this.poison, 0, this.dirty);
    input.set(message);
    this.dirty = message.length;
    const answer = this.server.dispatch(message.length);
    this.server.deliver(answer);
    if (answer === undefined) return undefined;
    const copy = Buffer.from(answer);
    answer.fill(this.poison);
    return copy;
  }

  /** A digest of all that the host did so far, answers excepted. */
  get deeds(): string {
    const digest = this.told.copy();
    for (const { bytes, opens } of this.memory.values()) digest.update(bytes).update(`${opens}`);
    return digest.digest('hex');
  }

  /** Descriptors of memory that are open. */
  get memoryOpens(): number {
    return [...this.memory.values()].reduce((sum, { opens }) => sum + opens, 0);
  }
}
