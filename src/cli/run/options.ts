/**
 * The options of all commands that open a box.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SHARED_NAME } from '../../platform/description/types.ts';

export interface BoxOptions {
  readonly machine: string;
  /** What other hosts of its shared devices call the box. */
  readonly host?: string | undefined;
  readonly trace?: 'fuse' | undefined;
  /** Overrides the machine file, as `media` does. */
  readonly daxMemory?: 'direct' | 'checked' | undefined;
  readonly media?: string | undefined;
}

function parseHost(text: string): string {
  if (SHARED_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    "expected letters, digits, '-', '_' and '.', a letter or digit first, and not memN",
  );
}

export function withBoxOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-m, --machine <name|file>',
        'named machine or YAML file, - for standard input',
      ).default('default'),
    )
    .addOption(new Option('--trace <what>', 'print every request and answer').choices(['fuse']))
    .addOption(
      new Option('--dax-memory <way>', 'how dax devices are served').choices(['direct', 'checked']),
    )
    .addOption(new Option('--media <folder>', 'where the contents of memory devices persist'))
    .addOption(
      new Option('--host <name>', 'what other hosts of its shared devices call the box').argParser(
        parseHost,
      ),
    );
}
