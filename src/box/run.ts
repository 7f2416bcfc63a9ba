/**
 * Opens a box around one command, from outside: starts unshare(1) with `init.ts` in it, passes
 * signals in and the status out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bridgeSpec } from './bridge.ts';
import { BoxError, messageOf } from './errors.ts';
import { guardCommand } from './guard.ts';
import {
  checkFuseDevice,
  checkOutside,
  isAdministrator,
  unshareArguments,
  unshareError,
} from './namespace.ts';
import type {
  BoxSpec,
  FromInit,
  MachineToBoot,
  NameService,
  ToInit,
  TraceSubject,
} from './protocol.ts';
import { hasShared } from './shared-memory.ts';
import { exitStatus, forwardSignals } from './signals.ts';
import { spawnFailure } from './spawn-failure.ts';

export interface BoxOptions {
  /**
   * Gives a resolved machine description, as plain data, or a promise of it. Called once, while the
   * box is being opened; what it throws, `runInBox` rejects with.
   */
  machine(): unknown;
  /** What other hosts of its shared devices call the machine; absent: as its description says. */
  readonly host?: string;
  /** Program and arguments; looked up on PATH inside the box. */
  readonly command: readonly string[];
  /** Variables for the command, beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** To print on stderr: requests and answers of the mount, steps of the driver core. */
  readonly trace?: readonly TraceSubject[];
  /**
   * `own`: the command gets a new terminal (by script(1)), connected to the caller's, which must be
   * one: for shells. Absent: the command shares the caller's standard streams, so that Ctrl-Z
   * suspends it with the box.
   */
  readonly terminal?: 'own';
  /**
   * Root in the box may change the host as root may: its files of /sys and /proc/sys, its devices.
   * Without it, those are read-only or not there, and the host's capabilities stay outside.
   */
  readonly allowHostWrites?: boolean;
  /** How the kernel learns the names of the box's files; default: leased. */
  readonly names?: NameService;
  /**
   * Whether system calls that no file can answer go to the machine (docs/bridge.md): `off`: no;
   * `required`: rejects with CXLBOX_NO_BRIDGE where it is not to be had. Absent: where it is to be
   * had; where it is not, standard error says why.
   */
  readonly bridge?: 'off' | 'required';
  /** Called when the box is open and the command started. */
  onReady?(): void;
  /**
   * URL of a module that exports `boot(machine)`, to serve another machine than this package makes.
   */
  readonly bootModule?: string;
}

/** Descriptor of the caller's stderr inside; unshare's own messages are caught instead of shown. */
const STDERR_INSIDE = 4;

/** What the shell says first on its standard error: the namespaces are made. */
const INSIDE = 'cxlbox: inside\n';

/**
 * The shell is the first process of the process namespace and collects orphans, which Node would
 * leave as zombies. Inside a namespace its default action for signals is to ignore them, so it
 * outlives Ctrl-C.
 */
const FIRST_PROCESS = `printf '%s' "$0" >&2; (exec "$@" 2>&${STDERR_INSIDE} ${STDERR_INSIDE}>&-); exit $?`;

/** How one try to open a box ended. */
type Ending = { readonly status: number } | 'retry';

interface Started {
  readonly child: ChildProcess;
  /**
   * When all of the box is gone. Rejects with CXLBOX_NO_UNSHARE, CXLBOX_LIMIT: nothing was started.
   */
  readonly closed: Promise<Remains>;
}

/** What is left of a box, besides its last message. */
interface Remains {
  /** Status of unshare, which is that of the first process. */
  readonly status: number;
  /** What unshare and the shell said. */
  readonly messages: string;
}

function spawnInit(administrator: boolean, processNamespace: boolean): ChildProcess {
  const init = fileURLToPath(new URL('./init.js', import.meta.url));
  const namespace = unshareArguments(administrator, processNamespace);
  const args = [...namespace, '/bin/sh', '-c', FIRST_PROCESS, INSIDE, process.execPath, init];
  try {
    return spawn('unshare', args, {
      stdio: ['inherit', 'inherit', 'pipe', 'ipc', process.stderr.fd],
      cwd: '/',
      // A machine description holds sets and 64-bit integers, which JSON cannot carry.
      serialization: 'advanced',
    });
  } catch (error) {
    throw spawnFailure(error, 'CXLBOX_NO_UNSHARE');
  }
}

/**
 * Other errors of the child are of its channel, which breaks when the child ends: that is seen by
 * itself.
 */
function isSpawnError(error: NodeJS.ErrnoException): boolean {
  return error.syscall?.startsWith('spawn') === true;
}

function startInit(administrator: boolean, processNamespace: boolean): Started {
  const child = spawnInit(administrator, processNamespace);
  let messages = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    messages += chunk.toString();
  });
  const closed = new Promise<Remains>((gone, failed) => {
    child.on('close', (code, signal) => gone({ status: exitStatus(code, signal), messages }));
    child.on('error', (error) => {
      if (isSpawnError(error)) failed(spawnFailure(error, 'CXLBOX_NO_UNSHARE'));
    });
  });
  return { child, closed };
}

function endingOf(
  last: FromInit | undefined,
  { status, messages }: Remains,
  administrator: boolean,
): Ending {
  if (last?.type === 'failed') throw new BoxError(last.code, last.why);
  if (last?.type === 'exited') return { status: last.status };
  if (last?.type === 'retry') return 'retry';
  if (last === undefined && !messages.startsWith(INSIDE))
    throw unshareError(administrator, messages);
  const said = messages.slice(INSIDE.length).trim();
  const ended = `its first process ended with status ${status}`;
  throw new BoxError('CXLBOX_LOST', [ended, said].filter((text) => text !== '').join('; '));
}

/** Resolves when it has ended. It holds none of our streams: it outlives us, if we are killed. */
function startGuard(administrator: boolean, pid: number): Promise<void> {
  const [program = '', ...args] = guardCommand(administrator, pid);
  const guard = spawn(program, args, { stdio: 'ignore', cwd: '/', detached: true });
  return new Promise((ended) => {
    guard.on('error', () => ended());
    guard.on('exit', () => ended());
  });
}

/** Resolves when all of the box is gone. */
async function openOnce(
  options: BoxOptions,
  machine: () => Promise<MachineToBoot>,
  processNamespace: boolean,
): Promise<Ending> {
  const administrator = isAdministrator();
  const spec = specOf(options, processNamespace, administrator);
  const { child, closed } = startInit(administrator, processNamespace);
  let last: FromInit | undefined;
  let guard: Promise<void> | undefined;
  child.on('message', (message: FromInit) => {
    if (message.type === 'guard') {
      guard = startGuard(administrator, child.pid ?? 0);
      // A box whose guard is gone might stay when it ends.
      void guard.then(() => send({ type: 'end' }));
      return;
    }
    last = message;
    if (message.type === 'ready') options.onReady?.();
  });
  const send = (message: ToInit): void => {
    if (child.connected) child.send(message);
  };
  const stopForwarding = forwardSignals((signal) => send({ type: 'signal', signal }));
  const told = async (): Promise<void> => {
    send({ type: 'start', spec });
    send({ type: 'machine', machine: await machine() });
  };
  try {
    // Either may fail while the other is awaited.
    const [remains] = await Promise.all([closed, told()]);
    return endingOf(last, remains, administrator);
  } finally {
    send({ type: 'end' });
    await closed.catch(() => {});
    await guard;
    stopForwarding();
  }
}

/** CXLBOX_WORKING_DIRECTORY: it was deleted, or its path may not be looked at. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new BoxError('CXLBOX_WORKING_DIRECTORY', messageOf(error));
  }
}

function specOf(options: BoxOptions, processNamespace: boolean, administrator: boolean): BoxSpec {
  return {
    command: options.command,
    cwd: workingDirectory(),
    ...bridgeSpec(options.bridge),
    trace: options.trace ?? [],
    names: options.names ?? 'leased',
    ownTerminal: options.terminal === 'own',
    processNamespace,
    environment: options.environment ?? {},
    umask: process.umask(),
    administrator,
    guarded: administrator && options.allowHostWrites !== true,
    ...(options.bootModule === undefined ? {} : { bootModule: options.bootModule }),
  };
}

/**
 * Runs the command in a box of its own, on this process's standard streams, and resolves to its
 * exit status: 128 + n if signal n ended it, 127 if it was not found, 126 if it cannot be executed.
 * When it resolves or rejects, nothing of the box is left. Rejects with BoxError if the box could
 * not be opened or was lost.
 */
export async function runInBox(options: BoxOptions): Promise<number> {
  checkOutside();
  checkFuseDevice();
  let leave = (): void => {};
  const prepare = async (): Promise<MachineToBoot> => {
    const description = await options.machine();
    if (!hasShared(description)) return { description };
    const { attachShared } = await import('./shared-attachment.ts');
    const attached = attachShared(description, options.host);
    leave = attached.leave;
    return { description, shared: attached.memory };
  };
  let machine: Promise<MachineToBoot> | undefined;
  const machineOnce = (): Promise<MachineToBoot> => {
    machine ??= prepare();
    return machine;
  };
  try {
    const ending = await openOnce(options, machineOnce, true);
    if (ending !== 'retry') return ending.status;
    const second = await openOnce(options, machineOnce, false);
    if (second === 'retry') throw new BoxError('CXLBOX_LOST', 'asked for a second retry');
    return second.status;
  } finally {
    leave();
  }
}
