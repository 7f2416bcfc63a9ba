/**
 * Starts boxes for tests, as root and as an ordinary user.
 *
 * Where /dev/fuse is for root only, "an ordinary user" first gets a mount namespace in which it is
 * not; a test run by an ordinary user has no root to test as.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Opens a box of the demo machine around its arguments. */
export const RUN_BOX = fileURLToPath(new URL('./run-box.mjs', import.meta.url));
const UID = '54321';

const IN_PRIVATE_NAMESPACE =
  'mount -t tmpfs none /mnt && mknod -m 666 /mnt/fuse c 10 229 && mount --bind /mnt/fuse /dev/fuse && ' +
  'umount -l /mnt; sh -c "$BEFORE" && ' +
  `exec setpriv --reuid ${UID} --regid ${UID} --clear-groups --inh-caps=-all "$@"`;

export type Who = 'root' | 'user';

const isRoot = process.getuid?.() === 0;

function fuseUsable(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return (
      spawnSync('unshare', isRoot ? ['--mount', 'true'] : ['--user', '--mount', 'true']).status ===
      0
    );
  } catch {
    return false;
  }
}

/** As whom boxes can be opened here; empty: not at all, and the tests of the mount are skipped. */
export const USERS: readonly Who[] = fuseUsable() ? (isRoot ? ['root', 'user'] : ['user']) : [];

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Shell text to run as root in the private namespace before the box is opened by a user; needs
   * root.
   */
  readonly before?: string;
}

function commandLine(who: Who, program: readonly string[], before: string): readonly string[] {
  if (who === 'root' || !isRoot) return program;
  return [
    'env',
    `BEFORE=${before}`,
    'unshare',
    '--mount',
    'sh',
    '-c',
    IN_PRIVATE_NAMESPACE,
    'sh',
    ...program,
  ];
}

/** Starts a program as `who`. Its standard input stays open. */
export function startProgram(
  who: Who,
  command: readonly string[],
  options: StartOptions = {},
): ChildProcess {
  const [program = '', ...args] = commandLine(who, command, options.before ?? 'true');
  return spawn(program, args, {
    env: { ...process.env, HOME: '/tmp', ...options.env },
    stdio: 'pipe',
  });
}

export function startBox(
  who: Who,
  command: readonly string[],
  options: StartOptions = {},
): ChildProcess {
  return startProgram(who, [process.execPath, RUN_BOX, ...command], options);
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Collects the output of a started box until it ends. With `input`, that is all its standard input.
 */
export function finish(child: ChildProcess, input?: string): Promise<Finished> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString('latin1');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString('latin1');
  });
  if (input !== undefined) child.stdin?.end(input);
  return new Promise((done) => child.on('close', (status) => done({ status, ...output })));
}

export function runBox(
  who: Who,
  command: readonly string[],
  options: StartOptions & { input?: string } = {},
): Promise<Finished> {
  return finish(startBox(who, command, options), options.input ?? '');
}

/** Resolves when the child's output contains `text`. */
export function outputHas(child: ChildProcess, text: string): Promise<void> {
  return new Promise((seen) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      if (output.includes(text)) seen();
    });
  });
}
