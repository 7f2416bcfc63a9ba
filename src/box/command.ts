/**
 * The command inside the box.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { SharedMemory } from '../media/shared-memory.ts';
import { EXIT_STATUS } from './errors.ts';
import type { BoxSpec } from './protocol.ts';
import { exitStatus } from './signals.ts';

/** systemd-udev's programs refuse a /sys that is not of type sysfs, unless told otherwise. */
const ENVIRONMENT = { SYSTEMD_DEVICE_VERIFY_SYSFS: '0' } as const;

const SPAWN_STATUS: Readonly<Record<string, number>> = {
  ENOENT: EXIT_STATUS.notFound,
  ENOTDIR: EXIT_STATUS.notFound,
  EACCES: EXIT_STATUS.notExecutable,
  ENOEXEC: EXIT_STATUS.notExecutable,
};

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * script(1) gives the command a terminal and a session of its own. A shell needs them: on its exit it hands the
 * terminal back to the process group that it was started in, which is outside of its process namespace and has no
 * number there; dash and zsh take that for an error, and bash leaves the terminal to a group that is gone.
 */
function inOwnTerminal(command: readonly string[]): readonly string[] {
  return ['script', '-q', '-e', '-c', `exec ${command.map(quote).join(' ')}`, '/dev/null'];
}

/** Without a process namespace at least the command itself dies with the box. */
function commandLine(spec: BoxSpec): readonly string[] {
  if (!spec.processNamespace) return ['setpriv', '--pdeathsig', 'KILL', '--', ...spec.command];
  return spec.ownTerminal ? inOwnTerminal(spec.command) : spec.command;
}

/** Inside, the uid does not tell where the shared devices of the user are. */
function sharedEnvironment(shared: SharedMemory | undefined): Record<string, string> {
  return shared === undefined ? {} : { CXLBOX_SHARED: shared.root, CXLBOX_HOST: shared.host };
}

/** Starts the command on this process's standard streams; `ended` gets its exit status. */
export function startCommand(
  spec: BoxSpec,
  shared: SharedMemory | undefined,
  ended: (status: number) => void,
): ChildProcess {
  const [program = '', ...args] = commandLine(spec);
  const child = spawn(program, args, {
    stdio: 'inherit',
    cwd: spec.cwd,
    env: { ...process.env, ...ENVIRONMENT, ...sharedEnvironment(shared) },
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    process.stderr.write(
      `cxlbox: ${spec.command[0]}: ${error.code === 'ENOENT' ? 'not found' : error.message}\n`,
    );
    ended(SPAWN_STATUS[error.code ?? ''] ?? EXIT_STATUS.notExecutable);
  });
  child.on('exit', (code, signal) => ended(exitStatus(code, signal)));
  return child;
}
