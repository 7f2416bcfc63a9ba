/**
 * Which signals reach the command, and how.
 *
 * What a terminal sends (Ctrl-C, Ctrl-\, Ctrl-Z) goes to all processes of the foreground group, so
 * the command gets it by itself; the processes around it only have to live on until the command has
 * decided. What a program sends to the parent alone (`kill`, a supervisor) is passed on.
 */
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { EXIT_STATUS } from './errors.ts';

const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH'];
/** Sent by terminals: passed on only where no terminal has sent them to the command already. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * By descriptor: a look at `process.stdin` or `process.stderr` makes Node take the stream for its
 * own, and reads and writes of the command, which shares it, fail with EAGAIN.
 */
export const STANDARD_STREAMS: readonly number[] = [0, 1, 2];

/** Passes signals of this process to `forward` until the returned function is called. */
export function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const ignore = (): void => {};
  const fromTerminal = STANDARD_STREAMS.some(isatty) ? ignore : forward;
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of FROM_TERMINAL) process.on(signal, fromTerminal);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of FROM_TERMINAL) process.off(signal, fromTerminal);
  };
}

/** Lives through what a terminal sends to the whole group. */
export function outliveTerminalSignals(): void {
  for (const signal of [...FORWARDED, ...FROM_TERMINAL]) process.on(signal, () => {});
}

/**
 * SIGUSR1 opens Node's debugger, on the host's network: with it, who may signal a process of a box
 * could give it orders, whatever rights it has.
 */
export function ignoreDebugger(): void {
  process.on('SIGUSR1', () => {});
}

/** The exit status that a shell gives for an ended child. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? EXIT_STATUS.signalBase + (signal === null ? 0 : constants.signals[signal]);
}
