/**
 * The process that holds the machine and serves it, with its main thread: a thread that is started
 * for that takes two thirds of the start of a process. So everything that has to be watched while
 * the machine serves is watched by others.
 *
 * None of its threads may ask the machine, nor any of its children before it has given up what it
 * inherits: docs/box.md. It ends by SIGKILL, of the box or on itself: an orderly exit would wait
 * for the threads that it has. What the box made is gone with its namespaces.
 */
import { openSync } from 'node:fs';
import { serveCalls } from '../calls/serve-calls.ts';
import { formatDriverEvent } from '../driver-core/trace.ts';
import { LateAnswers, serve } from '../fuse/index.ts';
import { type CheckedDaxFiles, SERVED_FOLDER } from '../media/checked.ts';
import { type DaxMemoryOptions, openContents } from '../media/mode.ts';
import { liftDirtyLimit } from '../media/writeback.ts';
import type { BootListeners, Machine } from '../platform/machine.ts';
import { openFile, writeFile } from '../platform/user-write.ts';
import { CharacterNodes, memdevNodes, openNode } from './character-nodes.ts';
import { addDaxNumberLink } from './dax-number-link.ts';
import { prepareDev } from './dev-table.ts';
import { DeviceFiles } from './device-files.ts';
import { type BoxErrorCode, messageOf } from './errors.ts';
import { guardPresent, holdPipe, isGuarded } from './guard.ts';
import { makeMountPoints } from './host-directories.ts';
import { hostParts } from './host-parts.ts';
import { FD } from './keeper.ts';
import { leaseStart } from './lease-start.ts';
import { receive, report } from './machine-channel.ts';
import { MachineTime } from './machine-time.ts';
import * as mounts from './mount-table.ts';
import { addedEntries } from './proc-mounts.ts';
import type { BoxSpec, MachineToBoot } from './protocol.ts';
import { ignoreDebugger, outliveTerminalSignals } from './signals.ts';
import { failureOf } from './spawn-failure.ts';
import { complain } from './standard-error.ts';
import { mark, startMarks } from './timing.ts';

type Boot = (machine: unknown, options: BootListeners) => Machine;

interface Booted {
  readonly machine: Machine;
  /** Paths below /sys where the machine leaves room for the host's own directory. */
  readonly hostDirectories: readonly string[];
  readonly checked: CheckedDaxFiles | undefined;
  /** Names below the folder of nodes (character-nodes.ts) that want to be devices. */
  readonly nodes: readonly string[];
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function fail(error: unknown, code: BoxErrorCode = 'CXLBOX_LOST'): void {
  const failure = failureOf(error, code);
  report({ type: 'failed', code: failure.code, why: failure.why });
  end();
}

/** What the program is given: see src/code-cache. */
interface Host {
  keepCode(): void;
  importModule(url: string): Promise<unknown>;
}

async function importBoot({ bootModule }: BoxSpec, host: Host): Promise<Boot> {
  const module: unknown = await (bootModule === undefined
    ? import('../platform/boot.ts')
    : host.importModule(bootModule));
  return (module as { boot: Boot }).boot;
}

/** The mounts that need no machine. */
function prepareMounts({ processNamespace, guarded }: BoxSpec): void {
  mounts.writeTable([
    ...(processNamespace ? [mounts.ownProc] : []),
    ...prepareDev(mounts.STAGE_DEV, { guarded }),
    mounts.fuse(FD.device),
  ]);
}

/** A step is printed when it happens, those of the boot included. */
function listeners({ trace }: BoxSpec): BootListeners {
  if (!trace.includes('driver')) return {};
  return {
    onDriverEvent: (event) => complain(`driver ${formatDriverEvent(event)}`),
  };
}

const NANOSECONDS_A_MILLISECOND = 1_000_000n;

/** Lets the bridge bring calls; gives the nodes that they are about. */
function bridgedNodes({ kernel, cxl }: Machine): readonly string[] {
  serveCalls(kernel, cxl ?? { memdevs: new Map() }, {
    deviceOf: openNode,
    now: () => BigInt(Date.now()) * NANOSECONDS_A_MILLISECOND,
    left: () => report({ type: 'unbridged' }),
  });
  return cxl === undefined ? [] : memdevNodes(cxl);
}

async function bootMachine(
  spec: BoxSpec,
  boot: Boot,
  { description, shared }: MachineToBoot,
): Promise<Booted> {
  const machine = boot(description, listeners(spec));
  const { kernel } = machine;
  kernel.work.settle();
  addDaxNumberLink(kernel);
  const stage = `/proc/self/fd/${openSync(mounts.STAGE, 'r')}`;
  const options = (description ?? {}) as DaxMemoryOptions;
  const { contents, checked } = await openContents(machine, options, shared, stage);
  const nodes = spec.bridge === undefined ? [] : bridgedNodes(machine);
  const dev = `${stage}/dev`;
  new DeviceFiles(kernel, dev, contents, new CharacterNodes(dev, nodes));
  return { machine, hostDirectories: makeMountPoints(kernel), checked, nodes };
}

/** The mounts of the command's view, for which the machine must be served. */
function prepareView({ guarded }: BoxSpec, booted: Booted): void {
  const { machine, hostDirectories, checked, nodes } = booted;
  const procFiles = [...machine.kernel.proc.names()];
  const devFolders = checked === undefined ? [] : [SERVED_FOLDER];
  const host = hostParts({ directories: hostDirectories, procFiles, readOnly: guarded });
  mounts.writeTable(mounts.viewMounts({ procFiles, devFolders, nodes, host }));
}

/** Serves until the mount is gone. */
function serveMachine(
  spec: BoxSpec,
  { machine: { kernel }, checked }: Booted,
  late: LateAnswers,
): Promise<void> {
  const time = new MachineTime(kernel.work, () => performance.now());
  const guard = {
    ask: () => {
      void late.start();
      askGuard();
    },
    isThere: isGuarded,
  };
  return serve(FD.device, {
    root: kernel.root,
    now: () => {
      const milliseconds = Date.now();
      return {
        seconds: Math.floor(milliseconds / 1000),
        nanoseconds: (milliseconds % 1000) * 1_000_000,
      };
    },
    ...(spec.names === 'leased' ? { leasing: leaseStart(guard) } : {}),
    memory: checked,
    takeDelay: () => kernel.owed.take(),
    passTime: () => {
      const changed = time.pass();
      if (changed) checked?.afterWrite();
      return changed;
    },
    nextDue: () => time.nextDue(),
    sendLate: late.send,
    open: (file, access) => openFile(kernel, file, access),
    write: (open, text) => writeFile(kernel, open, text),
    afterWrite: () => checked?.afterWrite(),
    fault: (error, operation) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      kernel.log.print('err', `BUG: ${operation}: ${messageOf(error)}`);
      complain(`cxlbox: bug: ${operation} failed, answered EIO: ${text}`);
    },
    ...(spec.trace.includes('fuse') ? { trace: (line: string) => complain(`fuse ${line}`) } : {}),
  });
}

function askGuard(): void {
  holdPipe();
  report({ type: 'guard' });
}

/**
 * Invalidations of a mapped device must not fail for want of a thread, nor go without a guard; an
 * answer that comes late can wait until there is a thread.
 */
async function openLateAnswers(checked: CheckedDaxFiles | undefined): Promise<LateAnswers> {
  const late = new LateAnswers(FD.device);
  if (checked === undefined) return late;
  liftDirtyLimit(mounts.STAGE_FUSE);
  askGuard();
  await Promise.all([late.start(), guardPresent()]);
  return late;
}

async function main(host: Host): Promise<void> {
  const { spec, timing } = receive('start');
  startMarks('machine', timing);
  prepareMounts(spec);
  report({ type: 'prepared' });
  mark('mounts prepared');
  let booted: Booted;
  try {
    const boot = await importBoot(spec, host);
    mark('model loaded');
    const { machine } = receive('machine');
    booted = await bootMachine(spec, boot, machine);
    mark('booted');
  } catch (error) {
    fail(error, 'CXLBOX_BOOT_FAILED');
    return;
  }
  receive('mounted');
  const late = await openLateAnswers(booted.checked);
  prepareView(spec, booted);
  report({ type: 'serving', addedEntries: addedEntries() });
  mark('serving');
  host.keepCode();
  await serveMachine(spec, booted, late);
  end();
}

/** The program; its arguments are those of src/code-cache. */
export function run(keepCode: Host['keepCode'], importModule: Host['importModule']): void {
  // Node's own answer is the orderly exit that never comes.
  process.on('uncaughtException', (error) => fail(error));
  process.on('unhandledRejection', (error) => fail(error));
  outliveTerminalSignals();
  ignoreDebugger();
  main({ keepCode, importModule }).catch((error: unknown) => fail(error));
}
