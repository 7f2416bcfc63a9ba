import { resolve } from 'node:path';
import { runInBox } from '../../box/index.ts';
import type { BoxOptions } from './options.ts';

interface RunOptions extends BoxOptions {
  /** The command gets a terminal of its own, connected to ours. */
  readonly terminal?: 'own' | undefined;
}

/** Runs a command in a throw-away box and gives its exit status. Throws UnknownMachineError, DescriptionError, BoxError. */
export function run(command: readonly string[], options: RunOptions): Promise<number> {
  const { machine, trace, terminal, daxMemory, media, host } = options;
  const chosen = {
    ...(daxMemory === undefined ? {} : { daxMemory }),
    ...(media === undefined ? {} : { media: resolve(media) }),
  };
  return runInBox({
    // Imported while the box is being opened: reading a machine file needs much code.
    machine: async () => ({
      ...(await import('../../machine-files/load.ts')).loadMachine(machine),
      ...chosen,
    }),
    command,
    ...(host === undefined ? {} : { host }),
    ...(trace === undefined ? {} : { trace }),
    ...(terminal === undefined ? {} : { terminal }),
  });
}

/** The user's own shell in a throw-away box. */
export function shell(options: BoxOptions): Promise<number> {
  const interactive = [process.stdin, process.stdout, process.stderr].every(
    (stream) => stream.isTTY,
  );
  return run([process.env.SHELL ?? '/bin/sh'], {
    ...options,
    ...(interactive ? { terminal: 'own' as const } : {}),
  });
}
