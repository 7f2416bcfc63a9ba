/**
 * The first process of our own inside the namespaces of a box: opens the FUSE device, starts the machine's thread,
 * makes the mounts, runs the command.
 *
 * The machine is served by a thread of this process, so this thread touches no path that the machine serves. It ends
 * by SIGKILL on itself: the machine's thread sits in a blocking read, for which an orderly exit would wait for ever.
 * What the box made is gone with its namespaces.
 */
import { openSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { liftDirtyLimit } from '../media/writeback.ts';
import { startCommand } from './command.ts';
import { prepareDev } from './dev-table.ts';
import { BoxError, messageOf } from './errors.ts';
import * as mounts from './mount-table.ts';
import { fakeMissingEntries, realEntries } from './proc-mounts.ts';
import type {
  BoxSpec,
  FromInit,
  FromMachineThread,
  MachineThreadData,
  MachineToBoot,
  ToInit,
} from './protocol.ts';
import { outliveTerminalSignals } from './signals.ts';

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
  if (error instanceof BoxError) endWith({ type: 'failed', code: error.code, why: error.why });
  else endWith({ type: 'failed', code: 'CXLBOX_LOST', why: messageOf(error) });
}

/** CXLBOX_MOUNT_REFUSED for the messages of a mount(8) that failed. */
function assertMounted(messages: string): void {
  if (messages !== '') throw new BoxError('CXLBOX_MOUNT_REFUSED', messages);
}

function ownsProc(): boolean {
  return readlinkSync('/proc/self') === String(process.pid);
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
      const refuse = (error: Error): void =>
        failed(new BoxError('CXLBOX_BOOT_FAILED', messageOf(error)));
      worker.on('message', (message: FromMachineThread) => {
        if (message.type !== 'booted') {
          failed(new BoxError('CXLBOX_BOOT_FAILED', message.why));
          return;
        }
        // Nobody would ever answer the mount again.
        worker.off('error', refuse).on('error', fail);
        booted(message);
      });
      worker.on('error', refuse);
    }),
  };
}

/** May be refused, e.g. to the root of a container: then the entries are made up. */
async function mountRealEntries(device: number): Promise<void> {
  const entries = realEntries();
  if (entries.length > 0) await mounts.mountAll(entries, device);
}

/** The mounts that need no machine. False: a /proc of its own was refused. */
async function mountWithoutMachine(spec: BoxSpec, device: number): Promise<boolean> {
  const table = [
    ...(spec.processNamespace ? [mounts.ownProc] : []),
    ...prepareDev(mounts.STAGE_DEV),
    mounts.fuse(mounts.INHERITED_DEVICE),
  ];
  const messages = await mounts.mountAll(table, device);
  if (spec.processNamespace && !ownsProc()) return false;
  assertMounted(messages);
  if (spec.administrator) await mountRealEntries(device);
  return true;
}

/** Opens the box around this process. False: to be tried again without a process namespace. */
async function openBox(spec: BoxSpec, machine: Promise<MachineToBoot>): Promise<boolean> {
  const device = openSync(FUSE_DEVICE, 'r+');
  assertMounted(await mounts.mountStage(device));
  const stage = openSync(mounts.STAGE, 'r');
  const thread = startMachineThread({ spec, fuseDevice: device, stage });
  const [owned, { procFiles, hostDirectories, devFolders }] = await Promise.all([
    mountWithoutMachine(spec, device),
    thread.booted,
    machine.then((received) => thread.boot(received)),
  ]);
  if (!owned) return false;
  if (devFolders.length > 0) liftDirtyLimit(mounts.STAGE_FUSE);
  fakeMissingEntries();
  assertMounted(
    await mounts.mountAll(mounts.machineMounts(procFiles, hostDirectories, devFolders), device),
  );
  return true;
}

async function run(spec: BoxSpec, machine: Promise<MachineToBoot>): Promise<void> {
  if (!(await openBox(spec, machine))) {
    endWith({ type: 'retry' });
    return;
  }
  const { shared } = await machine;
  if (shared !== undefined) await (await import('./host-sockets.ts')).listen(shared);
  const command = startCommand(spec, shared, (status) => endWith({ type: 'exited', status }));
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
process.on('disconnect', end);
receive('end').then(end, fail);
const machine = receive('machine').then((message) => message.machine);
receive('start')
  .then(({ spec }) => run(spec, machine))
  .catch(fail);
