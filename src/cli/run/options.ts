/**
 * The options of all commands that open a box.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { NameService, TraceSubject } from '../../box/protocol.ts';
import { SHARED_NAME } from '../../platform/description/types.ts';

export interface BoxOptions {
  readonly machine: string;
  /** What other hosts of its shared devices call the box. */
  readonly host?: string | undefined;
  readonly trace?: readonly TraceSubject[] | undefined;
  readonly allowHostWrites?: boolean | undefined;
  readonly names?: NameService | undefined;
  /** True: `--bridge`; false: `--no-bridge`; absent: where there can be one. */
  readonly bridge?: boolean | undefined;
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

const NAME_SERVICES: readonly NameService[] = ['leased', 'asked'];

const TRACE_SUBJECTS: readonly TraceSubject[] = ['fuse', 'driver'];

/** Given twice, the option asks for both. */
function addTrace(text: string, before: readonly TraceSubject[] = []): TraceSubject[] {
  const subject = TRACE_SUBJECTS.find((each) => each === text);
  if (subject !== undefined) return [...before, subject];
  throw new InvalidArgumentError(`Allowed choices are ${TRACE_SUBJECTS.join(', ')}.`);
}

export function withBoxOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-m, --machine <name|file>',
        'named machine or YAML file, - for standard input',
      ).default('default'),
    )
    .addOption(
      new Option('--trace <what>', 'print requests and answers, or steps of the driver core')
        .choices(TRACE_SUBJECTS)
        .argParser(addTrace),
    )
    .addOption(
      new Option('--dax-memory <way>', 'how dax devices are served').choices(['direct', 'checked']),
    )
    .addOption(new Option('--media <folder>', 'where the contents of memory devices persist'))
    .addOption(
      new Option('--host <name>', 'what other hosts of its shared devices call the box').argParser(
        parseHost,
      ),
    )
    .addOption(
      new Option(
        '--allow-host-writes',
        'root in the box may change the host: /sys, /proc/sys, devices',
      ),
    )
    .addOption(
      new Option(
        '--names <way>',
        'the kernel keeps names that it was told, or asks for each at each use',
      ).choices(NAME_SERVICES),
    )
    .addOption(new Option('--bridge', 'no box without its bridge, which answers ioctl(2)'))
    .addOption(new Option('--no-bridge', 'a box without a bridge'));
}
