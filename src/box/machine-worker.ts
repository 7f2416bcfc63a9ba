/**
 * The thread that holds the machine and serves it. Nothing here may touch a path below /sys, /proc
 * or /dev of the box that the machine itself serves: the thread would wait for itself.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { serveCalls } from '../calls/serve-calls.ts';
import { formatDriverEvent } from '../driver-core/trace.ts';
import { type SendLate, serve, startLateAnswers } from '../fuse/index.ts';
import { type CheckedDaxFiles, SERVED_FOLDER } from '../media/checked.ts';
import { type DaxMemoryOptions, openContents } from '../media/mode.ts';
import type { BootListeners, Machine } from '../platform/machine.ts';
import { openFile, writeFile } from '../platform/user-write.ts';
import { CharacterNodes, memdevNodes, openNode } from './character-nodes.ts';
import { addDaxNumberLink } from './dax-number-link.ts';
import { DeviceFiles } from './device-files.ts';
import { messageOf } from './errors.ts';
import { makeMountPoints } from './host-directories.ts';
import { leaseStart } from './lease-start.ts';
import { MachineTime } from './machine-time.ts';
import type { FromMachineThread, MachineThreadData, MachineToBoot } from './protocol.ts';

const STDERR = 2;

type Boot = (machine: unknown, options: BootListeners) => Machine;

async function importBoot(bootModule: string | undefined): Promise<Boot> {
  const module: unknown = await (bootModule === undefined
    ? import('../platform/boot.ts')
    : import(bootModule));
  return (module as { boot: Boot }).boot;
}

function receiveMachine(): Promise<MachineToBoot> {
  return new Promise((received) => parentPort?.once('message', received));
}

function report(message: FromMachineThread): void {
  parentPort?.postMessage(message);
}

/** A step is printed when it happens, those of the boot included. */
function listeners({ spec }: MachineThreadData): BootListeners {
  if (!spec.trace.includes('driver')) return {};
  return {
    onDriverEvent: (event) => void writeSync(STDERR, `driver ${formatDriverEvent(event)}\n`),
  };
}

/** Serves until the mount is gone. */
function serveMachine(
  { kernel }: Machine,
  data: MachineThreadData,
  sendLate: SendLate,
  checked?: CheckedDaxFiles,
): Promise<void> {
  const time = new MachineTime(kernel.work, () => performance.now());
  return serve(data.fuseDevice, {
    root: kernel.root,
    now: () => {
      const milliseconds = Date.now();
      return {
        seconds: Math.floor(milliseconds / 1000),
        nanoseconds: (milliseconds % 1000) * 1_000_000,
      };
    },
    ...(data.spec.names === 'leased'
      ? { leasing: leaseStart(data.guarded, () => report({ type: 'guard' })) }
      : {}),
    memory: checked,
    takeDelay: () => kernel.owed.take(),
    passTime: () => {
      const changed = time.pass();
      if (changed) checked?.afterWrite();
      return changed;
    },
    nextDue: () => time.nextDue(),
    sendLate,
    open: (file, access) => openFile(kernel, file, access),
    write: (open, text) => writeFile(kernel, open, text),
    afterWrite: () => checked?.afterWrite(),
    fault: (error, operation) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      kernel.log.print('err', `BUG: ${operation}: ${messageOf(error)}`);
      writeSync(STDERR, `cxlbox: bug: ${operation} failed, answered EIO: ${text}\n`);
    },
    ...(data.spec.trace.includes('fuse')
      ? { trace: (line: string) => void writeSync(STDERR, `fuse ${line}\n`) }
      : {}),
  });
}

const NANOSECONDS = 1_000_000n;

/** Lets the bridge bring calls; gives the nodes that they are about. */
function bridgedNodes({ kernel, cxl }: Machine): readonly string[] {
  serveCalls(kernel, cxl ?? { memdevs: new Map() }, {
    deviceOf: openNode,
    now: () => BigInt(Date.now()) * NANOSECONDS,
  });
  return cxl === undefined ? [] : memdevNodes(cxl);
}

async function main(data: MachineThreadData): Promise<void> {
  const [boot, { description, shared }, sendLate] = await Promise.all([
    importBoot(data.spec.bootModule),
    receiveMachine(),
    startLateAnswers(data.fuseDevice),
  ]);
  const machine = boot(description, listeners(data));
  const { kernel } = machine;
  kernel.work.settle();
  addDaxNumberLink(kernel);
  const stage = `/proc/self/fd/${data.stage}`;
  const options = (description ?? {}) as DaxMemoryOptions;
  const { contents, checked } = await openContents(machine, options, shared, stage);
  const nodes = data.spec.bridge === undefined ? [] : bridgedNodes(machine);
  const dev = `${stage}/dev`;
  new DeviceFiles(kernel, dev, contents, new CharacterNodes(dev, nodes));
  const hostDirectories = makeMountPoints(kernel);
  report({
    type: 'booted',
    procFiles: [...kernel.proc.names()],
    hostDirectories,
    devFolders: checked === undefined ? [] : [SERVED_FOLDER],
    nodes,
  });
  await serveMachine(machine, data, sendLate, checked);
}

main(workerData as MachineThreadData).catch((error: unknown) =>
  report({
    type: 'failed',
    why: messageOf(error),
    code: (error as NodeJS.ErrnoException | undefined)?.code,
  }),
);
