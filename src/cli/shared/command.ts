/**
 * Options and commands about memory devices that several hosts share.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SHARED_NAME } from '../../platform/description/types.ts';
import type { Finish } from '../common/finish.ts';

function parseHost(text: string): string {
  if (SHARED_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    "expected letters, digits, '-', '_' and '.', a letter or digit first, and not memN",
  );
}

export function hostOption(): Option {
  return new Option(
    '--host <name>',
    'what other hosts of its shared devices call the box',
  ).argParser(parseHost);
}

export function addSharedCommands(root: Command, finish: Finish): void {
  const shared = root.command('shared').description('memory devices that several hosts share');
  shared
    .command('list')
    .description('the shared devices, the hosts that are attached, and what each maps')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) =>
      finish(async () => (await import('./action.ts')).list(options)),
    );
}
