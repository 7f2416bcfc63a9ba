import type { Command } from 'commander';

/**
 * Takes what the chosen command does; `main` runs it and exits with the code that it gives. Actions
 * are imported when they run: `cxlbox show` in a script must not pay for the model.
 */
export type Finish = (work: () => Promise<number>) => void;

/** Declares a command, or a group of them, on `root`: what `cxlbox --help` shows. */
export type AddCommand = (root: Command, finish: Finish) => void;
