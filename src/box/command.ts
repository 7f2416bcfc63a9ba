/**
 * The command inside the box.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SharedMemory } from '../media/shared-memory.ts';
import type { View } from './box-view.ts';
import { BRIDGE_CHANNEL, bridged, watchBridge } from './bridge.ts';
import { BoxError, EXIT_STATUS } from './errors.ts';
import type { BoxSpec } from './protocol.ts';
import { exitStatus } from './signals.ts';
import { spawnFailure } from './spawn-failure.ts';

/** systemd-udev's programs refuse a /sys that is not of type sysfs, unless told otherwise. */
const ENVIRONMENT = { SYSTEMD_DEVICE_VERIFY_SYSFS: '0' } as const;

/**
 * Descriptor on which the launcher tells that the working directory cannot be entered; closed by
 * its end, or the command.
 */
const REPORT = 3;

/**
 * Enters the working directory and becomes the command. It does so as a program of its own, since
 * both may ask the machine: between fork and exec a child still holds what its parent has,
 * /dev/fuse too. Arguments: umask, directory, command line.
 */
const LAUNCH = `
umask "$1"
cd -- "$2" 2>&${REPORT} || exit ${EXIT_STATUS.boxFailed}
exec ${REPORT}>&-
shift 2
case $1 in '') echo "cxlbox: '': not found" >&2; exit ${EXIT_STATUS.notFound} ;; esac
exec "$@"
`;

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * script(1) gives the command a terminal and a session of its own. A shell needs them: on its exit
 * it hands the terminal back to the process group that it was started in, which is outside of its
 * process namespace and has no number there; dash and zsh take that for an error, and bash leaves
 * the terminal to a group that is gone.
 */
function inOwnTerminal(command: readonly string[]): readonly string[] {
  return ['script', '-q', '-e', '-c', `exec ${command.map(quote).join(' ')}`, '/dev/null'];
}

/** Without a process namespace at least the program itself dies with the box. */
export function dyingWithBox(spec: BoxSpec, program: readonly string[]): readonly string[] {
  return spec.processNamespace ? program : ['setpriv', '--pdeathsig', 'KILL', '--', ...program];
}

function launched(spec: BoxSpec): readonly string[] {
  const owned = spec.ownTerminal && spec.processNamespace;
  const command = owned ? inOwnTerminal(spec.command) : spec.command;
  const umask = spec.umask.toString(8);
  return ['/bin/sh', '-c', LAUNCH, 'cxlbox', umask, spec.cwd, ...command];
}

/** Inside, the uid does not tell where the shared devices of the user are. */
function sharedEnvironment(shared: SharedMemory | undefined): Record<string, string> {
  return shared === undefined ? {} : { CXLBOX_SHARED: shared.root, CXLBOX_HOST: shared.host };
}

export interface Ended {
  exited(status: number): void;
  failed(error: BoxError): void;
}

/** Starts the command in the view, on this process's standard streams. */
export function startCommand(
  spec: BoxSpec,
  shared: SharedMemory | undefined,
  view: View,
  ended: Ended,
): ChildProcess {
  const [program = '', ...args] = view.enter(dyingWithBox(spec, bridged(spec, launched(spec))));
  const child = spawn(program, args, {
    stdio: [
      'inherit',
      'inherit',
      'inherit',
      'pipe',
      ...(spec.bridge === undefined ? [] : (['pipe'] as const)),
    ],
    env: {
      ...process.env,
      ...ENVIRONMENT,
      ...sharedEnvironment(shared),
      ...spec.environment,
    },
  });
  watchBridge(spec, child.stdio[BRIDGE_CHANNEL] as Readable | undefined, ended.failed);
  let report = '';
  child.stdio[REPORT]?.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  const reported = new Promise<void>((done) => child.stdio[REPORT]?.on('end', done));
  void reported.then(() => view.release());
  child.on('error', (error) => ended.failed(spawnFailure(error, 'CXLBOX_NO_UNSHARE')));
  // Not when all its streams are closed: the bridge has one of them until the box ends.
  child.on('exit', async (code, signal) => {
    await reported;
    if (report === '') ended.exited(exitStatus(code, signal));
    else ended.failed(new BoxError('CXLBOX_WORKING_DIRECTORY', spec.cwd));
  });
  return child;
}
