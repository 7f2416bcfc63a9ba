import { resolve } from 'node:path';
import { runInBox } from '../../box/index.ts';
import { shippedMachine } from '../../machine-files/shipped.ts';
import type { MachineDescription } from '../../platform/description/types.ts';
import { boxEnvironment } from './environment.ts';
import type { BoxOptions } from './options.ts';

interface RunOptions extends BoxOptions {
  /** The command gets a terminal of its own, connected to ours. */
  readonly terminal?: 'own' | undefined;
  /** Beside what every command gets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Reading a machine file needs much code, which the machines that ship do not. */
async function describe(machine: string): Promise<MachineDescription> {
  return (
    shippedMachine(machine) ?? (await import('../../machine-files/load.ts')).loadMachine(machine)
  );
}

/**
 * Runs a command in a throw-away box and gives its exit status. Throws UnknownMachineError,
 * DescriptionError, BoxError.
 */
export function run(command: readonly string[], options: RunOptions): Promise<number> {
  const { machine, trace, terminal, daxMemory, media, host } = options;
  const { allowHostWrites, names, bridge } = options;
  const chosen = {
    ...(daxMemory === undefined ? {} : { daxMemory }),
    ...(media === undefined ? {} : { media: resolve(media) }),
  };
  return runInBox({
    machine: async () => ({ ...(await describe(machine)), ...chosen }),
    command,
    environment: { ...boxEnvironment(machine), ...options.environment },
    ...(allowHostWrites === undefined ? {} : { allowHostWrites }),
    ...(names === undefined ? {} : { names }),
    ...(bridge === undefined ? {} : { bridge: bridge ? 'required' : 'off' }),
    ...(host === undefined ? {} : { host }),
    ...(trace === undefined ? {} : { trace }),
    ...(terminal === undefined ? {} : { terminal }),
  });
}

const PROMPT_MARK = '(box) ';

/** bash sets its prompt in its own files: the mark is put before it when they have been read. */
const PROMPT: Readonly<Record<string, string>> = {
  PS1: `${PROMPT_MARK}$ `,
  PROMPT_COMMAND: `PS1="${PROMPT_MARK}$PS1"; unset PROMPT_COMMAND`,
};

/**
 * Arguments: the line, the shell. A program in the box says it, so that it comes when the box is
 * there.
 */
const WITH_BANNER = 'echo "$1"; exec "$2"';

/** The user's own shell in a throw-away box. */
export function shell(options: BoxOptions): Promise<number> {
  const program = process.env.SHELL ?? '/bin/sh';
  const interactive = [process.stdin, process.stdout, process.stderr].every(
    (stream) => stream.isTTY,
  );
  if (!interactive) return run([program], options);
  const banner = `A box of machine ${options.machine}: /sys is its own. Leave it by exit.`;
  return run(['/bin/sh', '-c', WITH_BANNER, 'cxlbox', banner, program], {
    ...options,
    terminal: 'own',
    environment: PROMPT,
  });
}
