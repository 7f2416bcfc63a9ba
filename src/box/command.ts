/**
 * The command inside the box.
 */
import type { SharedMemory } from '../media/shared-memory.ts';
import { bridged } from './bridge.ts';
import { EXIT_STATUS } from './errors.ts';
import { closed, FD, NEWLINE, quote, quoteInLine, record } from './keeper.ts';
import type { BoxSpec } from './protocol.ts';

/** systemd-udev's programs refuse a /sys that is not of type sysfs, unless told otherwise. */
const ENVIRONMENT = { SYSTEMD_DEVICE_VERIFY_SYSFS: '0' } as const;

/**
 * Says that the view is there, waits for its turn, and enters the working directory. It does so as
 * a program of its own, since that may ask the machine: between fork and exec a child still holds
 * what its parent has. Arguments: umask, directory, command line.
 */
const LAUNCH = `
${record('view', '"$$"')}
IFS= read -r go <&${FD.go} || exit
${NEWLINE}
eval "$go"
umask "$1"
cd -- "$2" 2>/dev/null || { ${record('lost')}; exit ${EXIT_STATUS.boxFailed}; }
exec 2>&${FD.stderr} ${closed('stderr', 'machine', 'sockets', 'stdout')}
unset go n
shift 2
`;

/**
 * Becomes the command; its arguments are the command line. With a bridge it is a program of its
 * own, since perl reports otherwise than a shell which command is missing.
 */
const BECOME = `
${record('ready')}
exec ${closed('control', 'go')}
case $1 in '') echo "cxlbox: '': not found" >&2; exit ${EXIT_STATUS.notFound} ;; esac
exec "$@"
`;

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
export function dyingWithBox(
  { processNamespace }: Pick<BoxSpec, 'processNamespace'>,
  program: readonly string[],
): readonly string[] {
  return processNamespace ? program : ['setpriv', '--pdeathsig', 'KILL', '--', ...program];
}

/** What the keeper is given as its arguments, for `launcher`. */
export function launchArguments(spec: BoxSpec): readonly string[] {
  const owned = spec.ownTerminal && spec.processNamespace;
  const command = owned ? inOwnTerminal(spec.command) : spec.command;
  return [spec.umask.toString(8), spec.cwd, ...command];
}

/** Shell text that becomes the command, with the bridge beside it if there is to be one. */
function becomeCommand(spec: BoxSpec): string {
  if (spec.bridge === undefined) return BECOME;
  const program = bridged(spec, ['/bin/sh', '-c', BECOME, 'cxlbox']);
  return `exec ${program.map(quote).join(' ')} "$@"`;
}

/** The program that becomes the command, in the view; it takes `launchArguments`. */
export function launcher(spec: BoxSpec): readonly string[] {
  const script = `${LAUNCH}${becomeCommand(spec)}`;
  return dyingWithBox(spec, ['/bin/sh', '-c', script, 'cxlbox']);
}

/** Variables for the command that are known from the start. */
export function environmentOf(spec: BoxSpec): Readonly<Record<string, string>> {
  return { ...ENVIRONMENT, ...spec.environment };
}

/**
 * The line that lets the command go. Inside, the uid does not tell where the shared devices of the
 * user are.
 */
export function goLine(shared: SharedMemory | undefined): string {
  if (shared === undefined) return ':\n';
  return `export CXLBOX_SHARED=${quoteInLine(shared.root)} CXLBOX_HOST=${quoteInLine(shared.host)}\n`;
}
