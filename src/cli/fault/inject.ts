/**
 * Faults of this machine other than poison: a box's own debugfs files.
 */
import { type BoxFile, boxPath } from '../../cxlbox-abi/box-file.ts';
import {
  FAULT_CLEAR,
  FAULT_INJECT,
  FAULT_LIST,
  type FaultRequest,
  faultParameters,
  type ListedFault,
} from '../../cxlbox-abi/fault.ts';
import type { FaultDeclaration, FaultValue } from '../../platform/faults/declaration.ts';
import { requestOf } from '../../platform/faults/parameters.ts';
import { HostClient } from '../../sysfs-client/host-client.ts';
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';
import { parseDuration } from '../../units.ts';
import { readOwnFile, refusalReason, writeBoxFile } from '../common/box-files.ts';
import { EXIT } from '../exit-codes.ts';
import { FaultError, NoFaultsError } from './errors.ts';
import { faultObject } from './list.ts';

/** Oldest first. Throws NoFaultsError. */
export function readFaults(client: SysfsClient): Promise<readonly ListedFault[]> {
  return readOwnFile(client, FAULT_LIST, () => new NoFaultsError());
}

/**
 * Throws NoFaultsError, and FaultError where the box refuses: `failed` says what did not happen.
 */
async function writeFault<T>(
  client: SysfsClient,
  file: BoxFile<T>,
  value: T,
  failed: string,
): Promise<void> {
  await readFaults(client);
  try {
    await writeBoxFile(client, file, value);
  } catch (error) {
    if (!(error instanceof SysfsError)) throw error;
    const reason = await refusalReason(client, boxPath(file), error.errno);
    throw new FaultError(failed, reason ?? error.message, error.errno);
  }
}

export interface JsonOption {
  readonly json?: boolean | undefined;
}

/** All, or the one of a number. Throws NoFaultsError, FaultError. */
export function clearFault(client: SysfsClient, which: number | 'all'): Promise<void> {
  return writeFault(client, FAULT_CLEAR, which, 'nothing was cleared');
}

const NOT_INJECTED = 'the fault was not injected';

/** Prints the fault with its number, which `clear` takes. Throws NoFaultsError, FaultError. */
export async function inject(
  request: FaultRequest,
  { json }: JsonOption,
  client: SysfsClient = new HostClient(),
): Promise<number> {
  await writeFault(client, FAULT_INJECT, request, NOT_INJECTED);
  const added = (await readFaults(client)).at(-1);
  if (added === undefined)
    throw new FaultError('the fault was injected', 'it has been cleared since', 'ENOENT');
  process.stdout.write(
    json
      ? `${JSON.stringify(faultObject(added), null, 2)}\n`
      : `fault ${added.number}: ${added.kind} ${faultParameters(added)}\n`,
  );
  return EXIT.ok;
}

/** As the command line has them: those of the kind, by key. */
export type FaultOptions = JsonOption & Readonly<Record<string, string | boolean | undefined>>;

/** What `inject` takes of what people write: all but a time is the box's to judge. */
function valueText(text: string, { type }: FaultValue): string {
  if (type !== 'time') return text;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return `${milliseconds}`;
  throw new FaultError(NOT_INJECTED, `'${text}' is not a time such as 100ms or 2s`, 'EINVAL');
}

/** Throws NoFaultsError, FaultError. */
export async function injectKind(
  kind: FaultDeclaration,
  about: string | undefined,
  given: FaultOptions,
): Promise<number> {
  const operand = about === undefined ? undefined : valueText(about, kind.operand.value);
  const options = new Map<string, string>();
  for (const { key, value } of kind.options) {
    const text = given[key];
    if (typeof text === 'string') options.set(key, valueText(text, value));
  }
  return inject(requestOf(kind, { operand, options }), given);
}
