/**
 * The commands that look at a tree, a log or a stream of events, and change nothing.
 */
import type { Command } from 'commander';
import type { Finish } from '../common/finish.ts';

function addLogCommands(root: Command, finish: Finish): void {
  root
    .command('dmesg')
    .description('the kernel log of the box in sight, with the reason of every refused write')
    .option('--json', 'one JSON object a line')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('../dmesg/action.ts')).dmesg(options)),
    );
  root
    .command('events')
    .description('the uevents of the box in sight')
    .option('--json', 'one JSON object a line')
    .option('--follow', 'go on with what comes')
    .action((options: { json?: boolean; follow?: boolean }) =>
      finish(async () => (await import('../events/action.ts')).events(options)),
    );
}

function addTreeCommands(root: Command, finish: Finish): void {
  const limit = 'only what this path names; * and ** are wildcards';
  root
    .command('record')
    .description('dump the CXL, DAX and memory parts of the /sys in sight: a box, or this host')
    .requiredOption('--raw', 'the tree as it is, JSON lines in the format of recordings')
    .option('--root <path...>', limit)
    .action((options: { root?: string[] }) =>
      finish(async () => (await import('./action.ts')).recordRaw(options)),
    );
  root
    .command('diff')
    .description('how two trees differ: recordings, raw records, or folders that are a /sys')
    .argument(
      '<a>',
      'FILE, FILE:LINE for one tree of a recording, - for standard input, or a folder',
    )
    .argument('<b>', 'the same')
    .option('--root <path...>', limit)
    .option('--json', 'for programs')
    .action((one: string, other: string, options: { json?: boolean; root?: string[] }) =>
      finish(async () => (await import('../diff/action.ts')).diff(one, other, options)),
    );
}

export function addObserveCommands(root: Command, finish: Finish): void {
  addLogCommands(root, finish);
  addTreeCommands(root, finish);
}
