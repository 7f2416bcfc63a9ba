/**
 * `fuse-messages`: random and damaged messages to the FUSE server of a machine. For each, the
 * server must do what the protocol says; at the end the machine must be sound, and hold what the
 * messages left it.
 */
import { loadMachine } from '../../src/machine-files/load.ts';
import type { MachineDescription } from '../../src/platform/description/types.ts';
import { FuzzedHost } from '../fuse/fuzzed-host.ts';
import { KernelSide } from '../fuse/kernel-side.ts';
import { randomMessage } from '../fuse/random-messages.ts';
import { type Expected, expectedAnswer } from '../fuse/request-sizes.ts';
import { checkAddressMap } from '../properties/invariants/address-map.ts';
import { checkDax } from '../properties/invariants/dax.ts';
import { checkDecoders } from '../properties/invariants/decoders.ts';
import { MemoryInvariants } from '../properties/invariants/memory.ts';
import { must } from '../properties/invariants/must.ts';
import { checkTree, dumpTree } from '../properties/invariants/tree.ts';
import { difference } from '../properties/random-sequences.ts';
import { Random } from './random.ts';

/** Bits that a stale byte would set or clear: no bit is the same in both. */
const POISONS = [0xbb, 0x44] as const;
/** A machine lives for so many messages; the next one starts fresh. */
const MESSAGES_A_MACHINE = 25_000;
const ACCOUNT_EVERY = 500;
const LARGEST_ERRNO = 133;
const ERRNO_OF = { EINVAL: 22, ENOSYS: 38 } as const;

export interface Report {
  /** By what was expected of the server. */
  readonly messages: Record<Expected, number>;
  /** Well-formed requests that were answered without an errno. */
  succeeded: number;
}

function checkAnswer(message: Buffer, answer: Buffer | undefined, expected: Expected): void {
  must((answer === undefined) === (expected === 'none'), () =>
    answer === undefined ? 'it is not answered' : 'it takes no answer and got one',
  );
  if (answer === undefined) return;
  must(answer.readUInt32LE(0) === answer.length, () => 'the answer states another length');
  must(
    answer.compare(message, 8, 16, 8, 16) === 0,
    () => 'the answer has the number of another request',
  );
  const errno = -answer.readInt32LE(4);
  must(errno >= 0 && errno <= LARGEST_ERRNO, () => `the answer has the errno ${errno}`);
  must(errno === 0 || answer.length === 16, () => 'a refusal has a body');
  if (expected === 'EINVAL' || expected === 'ENOSYS')
    must(errno === ERRNO_OF[expected], () => `expected ${expected}, the errno is ${errno}`);
}

/** Twin machines, and what a kernel would know of them. */
class Round {
  private readonly hosts: readonly [FuzzedHost, FuzzedHost];
  private readonly memory: MemoryInvariants;
  private readonly kernel: KernelSide;

  constructor(description: MachineDescription, traced: boolean) {
    const [one, other] = POISONS;
    const first = new FuzzedHost(description, one, traced);
    this.hosts = [first, new FuzzedHost(description, other, traced)];
    this.memory = new MemoryInvariants(first.run.view);
    this.kernel = new KernelSide(first.run.machine.kernel.root, (node) => first.memory.has(node));
  }

  step(random: Random, report: Report): void {
    const message = randomMessage(random, this.kernel);
    try {
      this.send(message, report);
    } catch (error) {
      throw new Error(`after ${message.subarray(0, 200).toString('hex')}: ${error}`, {
        cause: error,
      });
    }
  }

  private send(message: Buffer, report: Report): void {
    const [first, second] = this.hosts;
    const expected = expectedAnswer(message);
    report.messages[expected] += 1;
    const sent = Buffer.from(message);
    const [answer, again] = [first.send(sent), second.send(sent)];
    checkAnswer(message, answer, expected);
    must(
      (answer ?? Buffer.of()).equals(again ?? Buffer.of()),
      () => `stale bytes show: ${answer?.toString('hex')} and ${again?.toString('hex')}`,
    );
    must(first.faults.length === 0, () => `a handler fails: ${first.faults[0]}`);
    if (expected === 'served' && answer?.readInt32LE(4) === 0) report.succeeded += 1;
    this.kernel.note(message, answer);
  }

  /** What the server holds is what the kernel was told and has not given back. */
  checkAccounts(): void {
    const wanted = JSON.stringify(this.kernel.held);
    for (const { server, memoryOpens, run } of this.hosts) {
      const held = JSON.stringify(server.held);
      must(held === wanted, () => `the server holds ${held}, the kernel ${wanted}`);
      must(
        memoryOpens === this.kernel.memoryFiles.length,
        () => `${memoryOpens} descriptors of memory are open`,
      );
      must(run.machine.kernel.work.pending.length === 0, () => 'work is left');
    }
    const [one, other] = this.hosts;
    must(one.deeds === other.deeds, () => 'stale bytes show in what reached the machine');
  }

  checkMachines(): void {
    this.checkAccounts();
    const [one, other] = this.hosts;
    const unlike = difference(dumpTree(one.run.view), dumpTree(other.run.view));
    must(unlike === undefined, () => `stale bytes show in the tree: ${unlike}`);
    // What follows reads files that a SETATTR may have made unreadable.
    this.kernel.restoreModes();
    checkTree(dumpTree(one.run.view));
    checkAddressMap(one.run.view);
    checkDecoders(one.run.view);
    checkDax(one.run.view);
    this.memory.check();
  }
}

/**
 * Sends `count` messages; throws an error that names the message after which something did not
 * hold.
 */
export function exploreFuseMessages(seed: number, count: number, machine = 'default'): Report {
  const description = loadMachine(machine);
  const report: Report = { messages: { none: 0, EINVAL: 0, ENOSYS: 0, served: 0 }, succeeded: 0 };
  for (let done = 0, round = 0; done < count; round += 1) {
    const random = new Random(seed + round);
    const twins = new Round(description, round % 2 === 1);
    const end = Math.min(count, done + MESSAGES_A_MACHINE);
    for (; done < end; done += 1) {
      try {
        twins.step(random, report);
        if (done % ACCOUNT_EVERY === 0) twins.checkAccounts();
      } catch (error) {
        throw new Error(`seed ${seed}, message ${done}: ${error}`, { cause: error });
      }
    }
    twins.checkMachines();
  }
  return report;
}
