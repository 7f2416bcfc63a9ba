/**
 * The first process of our own inside the namespaces of a box: opens the FUSE device, starts the
 * machine's thread, makes the mounts, runs the command.
 *
 * The machine is served by a thread of this process, so none of its threads may ask the machine,
 * nor any of its children before it has given up what it inherits: docs/box.md lists them. It ends
 * by SIGKILL on itself: the machine's thread sits in a blocking read, which an orderly exit would
 * wait for. What the box made is gone with its namespaces.
 */
import { openSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { liftDirtyLimit } from '../media/writeback.ts';
import { openView, type View } from './box-view.ts';
import { startCommand } from './command.ts';
import { prepareDev } from './dev-table.ts';
import { BoxError } from './errors.ts';
import { holdPipe } from './guard.ts';
import { hostParts } from './host-parts.ts';
import * as mounts from './mount-table.ts';
import { addedEntries, realEntries } from './proc-mounts.ts';
import type {
  BoxSpec,
  FromInit,
  FromMachineThread,
  MachineThreadData,
  MachineToBoot,
  ToInit,
} from './protocol.ts';
import { ignoreDebugger, outliveTerminalSignals } from './signals.ts';
import { failureOf, isLimit } from './spawn-failure.ts';

const FUSE_DEVICE = '/dev/fuse';

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Tells the parent how it ended, and ends. */
function endWith(message: FromInit): void {
  if (process.send === undefined) end();
  else process.send(message, undefined, undefined, end);
}

function fail(error: unknown): void {
  const { code, why } = failureOf(error, 'CXLBOX_LOST');
  endWith({ type: 'failed', code, why });
}

/** CXLBOX_MOUNT_REFUSED for the messages of a mount(8) that failed. */
function assertMounted(messages: string): void {
  if (messages !== '') throw new BoxError('CXLBOX_MOUNT_REFUSED', messages);
}

function ownsProc(): boolean {
  return readlinkSync('/proc/self') === String(process.pid);
}

/** `guarded` gets 1 when there is a guard. */
async function getGuard(guarded: Int32Array): Promise<void> {
  await holdPipe(() => void process.send?.({ type: 'guard' } satisfies FromInit));
  Atomics.store(guarded, 0, 1);
}

interface MachineThread {
  boot(machine: MachineToBoot): void;
  /** Rejects with CXLBOX_BOOT_FAILED. */
  readonly booted: Promise<Extract<FromMachineThread, { type: 'booted' }>>;
}

function startMachineThread(data: MachineThreadData): MachineThread {
  const worker = new Worker(new URL('./machine-worker.js', import.meta.url), { workerData: data });
  return {
    boot: (machine) => worker.postMessage(machine),
    booted: new Promise((booted, failed) => {
      const refuse = (error: Error): void => failed(failureOf(error, 'CXLBOX_BOOT_FAILED'));
      worker.on('message', (message: FromMachineThread) => {
        if (message.type === 'guard') {
          // Without one the box goes on as it is.
          getGuard(data.guarded).catch(() => {});
          return;
        }
        if (message.type !== 'booted') {
          const limit = isLimit(message.code);
          failed(new BoxError(limit ? 'CXLBOX_LIMIT' : 'CXLBOX_BOOT_FAILED', message.why));
          return;
        }
        // Nothing would ever answer the mount again.
        worker.off('error', refuse).on('error', fail);
        booted(message);
      });
      worker.on('error', refuse);
    }),
  };
}

/** May be refused, e.g. to the root of a container: then the entries are made up. */
async function mountRealEntries(): Promise<void> {
  const entries = realEntries();
  if (entries.length > 0) await mounts.mountAll(entries);
}

/** The mounts that need no machine. False: a /proc of its own was refused. */
async function mountWithoutMachine(spec: BoxSpec, device: number): Promise<boolean> {
  const table = [
    ...(spec.processNamespace ? [mounts.ownProc] : []),
    ...prepareDev(mounts.STAGE_DEV, { guarded: spec.guarded }),
    mounts.fuse(mounts.INHERITED_DEVICE),
  ];
  const messages = await mounts.mountAll(table, device);
  if (spec.processNamespace && !ownsProc()) return false;
  assertMounted(messages);
  if (spec.administrator) await mountRealEntries();
  return true;
}

/** Opens the box. Undefined: to be tried again without a process namespace. */
async function openBox(spec: BoxSpec, machine: Promise<MachineToBoot>): Promise<View | undefined> {
  const device = openSync(FUSE_DEVICE, 'r+');
  assertMounted(await mounts.mountStage());
  const stage = openSync(mounts.STAGE, 'r');
  const cell = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const data = { spec, fuseDevice: device, stage, guarded: new Int32Array(cell) };
  const thread = startMachineThread(data);
  const [owned, { procFiles, hostDirectories, devFolders, nodes }] = await Promise.all([
    mountWithoutMachine(spec, device),
    thread.booted,
    machine.then((received) => thread.boot(received)),
  ]);
  if (!owned) return undefined;
  if (devFolders.length > 0) {
    liftDirtyLimit(mounts.STAGE_FUSE);
    await getGuard(data.guarded);
  }
  const { guarded } = spec;
  const host = hostParts({ directories: hostDirectories, procFiles, readOnly: guarded });
  return openView({
    mounts: mounts.viewMounts({ procFiles, devFolders, nodes, host }),
    addedEntries: addedEntries(),
    guarded,
  });
}

async function run(spec: BoxSpec, machine: Promise<MachineToBoot>): Promise<void> {
  const view = await openBox(spec, machine);
  if (view === undefined) {
    endWith({ type: 'retry' });
    return;
  }
  const { shared } = await machine;
  if (shared !== undefined)
    await (await import('./host-sockets.ts')).listen(spec, shared, view, fail);
  const command = startCommand(spec, shared, view, {
    exited: (status) => endWith({ type: 'exited', status }),
    failed: fail,
  });
  process.on('message', (message: ToInit) => {
    if (message.type === 'signal') command.kill(message.signal);
  });
  process.send?.({ type: 'ready' } satisfies FromInit);
}

/** The first message of a type; all come in their own time. */
function receive<Type extends ToInit['type']>(
  type: Type,
): Promise<Extract<ToInit, { type: Type }>> {
  return new Promise((received) => {
    process.on('message', (message: ToInit) => {
      if (message.type === type) received(message as Extract<ToInit, { type: Type }>);
    });
  });
}

// Node's own answer is the orderly exit that never comes.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
outliveTerminalSignals();
ignoreDebugger();
process.on('disconnect', end);
receive('end').then(end, fail);
const machine = receive('machine').then((message) => message.machine);
receive('start')
  .then(({ spec }) => run(spec, machine))
  .catch(fail);
