/**
 * Writing a `uevent` file: parses `ACTION [UUID [KEY=VALUE ...]]` (`kobject_synth_uevent`, 7.2).
 */
import { KernelError } from '../errno.ts';
import { UEVENT_ACTIONS, type UeventAction } from './uevent.ts';

const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const ARGUMENT = /^([0-9a-zA-Z]+)=([0-9a-zA-Z]+)$/;

function parseArguments(parts: readonly string[]): [string, string][] {
  const [uuid = '', ...assignments] = parts;
  if (!UUID.test(uuid)) throw new KernelError('EINVAL', 'uevent: the second word must be a UUID');
  const variables: [string, string][] = [['SYNTH_UUID', uuid]];
  for (const assignment of assignments) {
    const match = ARGUMENT.exec(assignment);
    if (!match)
      throw new KernelError(
        'EINVAL',
        `uevent: '${assignment}' is not KEY=VALUE with letters and digits`,
      );
    variables.push([`SYNTH_ARG_${match[1]}`, match[2] ?? '']);
  }
  return variables;
}

/**
 * EINVAL: unknown action, or arguments that do not follow the grammar. Only an event is sent,
 * nothing is bound.
 */
export function synthesize(
  text: string,
  emit: (action: UeventAction, extras: readonly (readonly [string, string])[]) => void,
): void {
  const line = /[\n\0]$/.test(text) ? text.slice(0, -1) : text;
  const [word, ...rest] = line.split(' ');
  const action = UEVENT_ACTIONS.find((each) => each === word);
  if (action === undefined) throw new KernelError('EINVAL', `uevent: unknown action '${word}'`);
  emit(action, rest.length === 0 ? [['SYNTH_UUID', '0']] : parseArguments(rest));
}
