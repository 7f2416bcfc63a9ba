/**
 * One machine and what was done to it: every write with its outcome, every uevent. What a write may
 * not do, it reports here: throw anything but a KernelError, leave work behind.
 */
import type { Uevent } from '../../src/driver-core/uevent.ts';
import { KernelError } from '../../src/errno.ts';
import { writeFile } from '../../src/kernfs/access.ts';
import { boot } from '../../src/platform/boot.ts';
import type { MachineDescription } from '../../src/platform/description/types.ts';
import type { BootedMachine } from '../../src/platform/machine.ts';
import { SysfsView } from './sysfs-view.ts';

/** What can be done to a machine from outside. */
export type Operation =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'load' | 'unload'; readonly module: string }
  | { readonly kind: 'advance'; readonly milliseconds: number };

export interface Done {
  readonly operation: Operation;
  /** `ok` or an errno. */
  readonly outcome: string;
}

/** Something that must never be true of a machine was found to be. */
export class BrokenInvariant extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokenInvariant';
  }
}

export function describeOperation(operation: Operation): string {
  if (operation.kind === 'write')
    return `write ${operation.path} ${JSON.stringify(operation.text.slice(0, 80))}`;
  return operation.kind === 'advance'
    ? `${operation.milliseconds} ms pass`
    : `${operation.kind} ${operation.module}`;
}

/** Operations that a failure tells. */
const TOLD = 40;

export class MachineRun {
  readonly machine: BootedMachine;
  readonly view: SysfsView;
  readonly done: Done[] = [];
  /** Since boot. */
  readonly events: Uevent[] = [];

  constructor(description: MachineDescription) {
    this.machine = boot(description);
    this.view = new SysfsView(this.machine.kernel.root);
    this.machine.kernel.uevents.subscribe((event) => this.events.push(event));
  }

  /** Does it, lets the machine come to rest, and returns `ok` or the errno. */
  perform(operation: Operation): string {
    const outcome = this.attempt(operation);
    this.done.push({ operation, outcome });
    const { pending } = this.machine.kernel.work;
    if (pending.length > 0)
      throw new BrokenInvariant(
        `${describeOperation(operation)} leaves work: ${pending.join(', ')}`,
      );
    return outcome;
  }

  write(path: string, text: string): string {
    return this.perform({ kind: 'write', path, text });
  }

  /** The error with what was done last. */
  tell(error: BrokenInvariant, ...more: readonly string[]): BrokenInvariant {
    const lines = this.done.map(
      ({ operation, outcome }) => `${describeOperation(operation)}: ${outcome}`,
    );
    return new BrokenInvariant(
      `${error.message}\nafter ${[...lines.slice(-TOLD), ...more].join('\n')}`,
      { cause: error },
    );
  }

  /** Does `work`; what it finds broken is told with what was done last. */
  telling<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof BrokenInvariant ? this.tell(error) : error;
    }
  }

  private attempt(operation: Operation): string {
    try {
      try {
        this.execute(operation);
      } finally {
        this.machine.kernel.work.settle();
      }
      return 'ok';
    } catch (error) {
      if (error instanceof KernelError) return error.errno;
      throw new BrokenInvariant(`${describeOperation(operation)} throws ${error}`, {
        cause: error,
      });
    }
  }

  private execute(operation: Operation): void {
    const { kernel, modules } = this.machine;
    if (operation.kind === 'write') writeFile(kernel.root, operation.path, operation.text);
    else if (operation.kind === 'advance') kernel.work.advance(operation.milliseconds);
    else if (operation.kind === 'load') modules?.load(operation.module);
    else modules?.unload(operation.module);
  }
}

/** A fresh machine after the same operations. */
export function repeat(description: MachineDescription, done: readonly Done[]): MachineRun {
  const run = new MachineRun(description);
  for (const { operation, outcome } of done) {
    const again = run.perform(operation);
    if (again === outcome) continue;
    throw new BrokenInvariant(
      `${describeOperation(operation)} gave ${outcome}, on a fresh machine it gives ${again}`,
    );
  }
  return run;
}
