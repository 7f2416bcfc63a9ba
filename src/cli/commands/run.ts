import { runInBox } from '../../box/index.ts';

interface BoxOptions {
  readonly machine: string;
  readonly trace?: 'fuse' | undefined;
}

/** Runs a command in a throw-away box and gives its exit status. Throws UnknownMachineError, DescriptionError, BoxError. */
export function run(command: readonly string[], { machine, trace }: BoxOptions): Promise<number> {
  return runInBox({
    // Imported while the box is being opened: reading a machine file needs much code.
    machine: async () => (await import('../../machine-files/load.ts')).loadMachine(machine),
    command,
    ...(trace === undefined ? {} : { trace }),
  });
}

/** The user's own shell in a throw-away box. */
export function shell(options: BoxOptions): Promise<number> {
  return run([process.env['SHELL'] ?? '/bin/sh'], options);
}
