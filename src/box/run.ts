/**
 * Opens a box around one command, from outside: starts unshare(1) with `init.ts` in it, passes signals in and the
 * status out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BoxError } from './errors.ts';
import { checkFuseDevice, isAdministrator, unshareArguments, unshareError } from './namespace.ts';
import type { BoxSpec, FromInit, MachineToBoot, ToInit, TraceSubject } from './protocol.ts';
import { hasShared } from './shared-memory.ts';
import { forwardSignals } from './signals.ts';

export interface BoxOptions {
  /**
   * Gives a resolved machine description, as plain data, or a promise of it. Called once, while the box is being
   * opened; what it throws, `runInBox` rejects with.
   */
  machine(): unknown;
  /** What other hosts of its shared devices call the machine; absent: as its description says. */
  readonly host?: string;
  /** Program and arguments; looked up on PATH inside the box. */
  readonly command: readonly string[];
  /** To print on stderr: requests and answers of the mount, steps of the driver core. */
  readonly trace?: readonly TraceSubject[];
  /**
   * `own`: the command gets a new terminal (by script(1)), connected to the caller's, which must be one: for shells.
   * Absent: the command shares the caller's standard streams, so that Ctrl-Z suspends it with the box.
   */
  readonly terminal?: 'own';
  /** Called when the box is open and the command started. */
  onReady?(): void;
  /** URL of a module that exports `boot(machine)`, to serve another machine than this package makes. */
  readonly bootModule?: string;
}

/** Descriptor of the caller's stderr inside; unshare's own messages are caught instead of shown. */
const STDERR_INSIDE = 4;

/**
 * The shell is the first process of the process namespace and collects orphans, which Node would leave as zombies.
 * Inside a namespace its default action for signals is to ignore them, so it outlives Ctrl-C.
 */
const FIRST_PROCESS = `(exec "$@" 2>&${STDERR_INSIDE} ${STDERR_INSIDE}>&-); exit $?`;

/** How one try to open a box ended. */
type Ending = { readonly status: number } | 'retry';

interface Started {
  readonly child: ChildProcess;
  /** What unshare said. */
  messages(): string;
}

function startInit(administrator: boolean, processNamespace: boolean): Started {
  const init = fileURLToPath(new URL('./init.js', import.meta.url));
  const namespace = unshareArguments(administrator, processNamespace);
  const args = [...namespace, 'sh', '-c', FIRST_PROCESS, 'cxlbox-init', process.execPath, init];
  const child = spawn('unshare', args, {
    stdio: ['inherit', 'inherit', 'pipe', 'ipc', process.stderr.fd],
    cwd: '/',
    // A machine description holds sets and 64-bit integers, which JSON cannot carry.
    serialization: 'advanced',
  });
  let messages = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    messages += chunk.toString();
  });
  return { child, messages: () => messages };
}

/** Other errors of the child are of its channel, which breaks when the child ends: that is seen by itself. */
function isSpawnError(error: NodeJS.ErrnoException): boolean {
  return error.syscall?.startsWith('spawn') === true;
}

function assertOpened(last: FromInit | undefined, messages: string, administrator: boolean): void {
  if (last === undefined && messages !== '') throw unshareError(administrator, messages);
  if (last?.type === 'failed') throw new BoxError(last.code, last.why);
}

function endingOf(last: FromInit | undefined, messages: string, administrator: boolean): Ending {
  assertOpened(last, messages, administrator);
  if (last?.type === 'exited') return { status: last.status };
  if (last?.type === 'retry') return 'retry';
  throw new BoxError('CXLBOX_LOST', messages.trim());
}

/** Resolves when all of the box is gone. */
async function openOnce(
  options: BoxOptions,
  machine: () => Promise<MachineToBoot>,
  processNamespace: boolean,
): Promise<Ending> {
  const administrator = isAdministrator();
  const { child, messages } = startInit(administrator, processNamespace);
  let last: FromInit | undefined;
  child.on('message', (message: FromInit) => {
    last = message;
    if (message.type === 'ready') options.onReady?.();
  });
  const closed = new Promise<void>((gone, failed) => {
    child.on('close', () => gone());
    child.on('error', (error) => {
      if (isSpawnError(error)) failed(new BoxError('CXLBOX_NO_UNSHARE', error.message));
    });
  });
  const send = (message: ToInit): void => {
    if (child.connected) child.send(message);
  };
  const stopForwarding = forwardSignals((signal) => send({ type: 'signal', signal }));
  try {
    send({ type: 'start', spec: specOf(options, processNamespace, administrator) });
    send({ type: 'machine', machine: await machine() });
    await closed;
    return endingOf(last, messages(), administrator);
  } finally {
    send({ type: 'end' });
    await closed;
    stopForwarding();
  }
}

function specOf(options: BoxOptions, processNamespace: boolean, administrator: boolean): BoxSpec {
  return {
    command: options.command,
    cwd: process.cwd(),
    trace: options.trace ?? [],
    ownTerminal: options.terminal === 'own',
    processNamespace,
    administrator,
    ...(options.bootModule === undefined ? {} : { bootModule: options.bootModule }),
  };
}

/**
 * Runs the command in a box of its own, on this process's standard streams, and resolves to its exit status: 128 + n
 * if signal n ended it, 127 if it was not found, 126 if it cannot be executed. When it resolves or rejects, nothing of
 * the box is left. Rejects with BoxError if the box could not be opened or was lost.
 */
export async function runInBox(options: BoxOptions): Promise<number> {
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
