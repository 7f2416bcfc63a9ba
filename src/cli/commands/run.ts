import { runInBox } from '../../box/index.ts';
import { loadMachine } from '../../machine-files/load.ts';

interface BoxOptions {
  readonly machine: string;
  readonly trace?: 'fuse' | undefined;
}

/** Runs a command in a throw-away box and gives its exit status. Throws UnknownMachineError, DescriptionError, BoxError. */
export function run(command: readonly string[], { machine, trace }: BoxOptions): Promise<number> {
  return runInBox({ machine: loadMachine(machine), command, ...(trace === undefined ? {} : { trace }) });
}

/** The user's own shell in a throw-away box. */
export function shell(options: BoxOptions): Promise<number> {
  return run([process.env['SHELL'] ?? '/bin/sh'], options);
}
