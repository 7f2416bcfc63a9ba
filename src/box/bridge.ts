/**
 * The bridge of a box: perl starts it around the command, and it tells here whether it works.
 */
import { accessSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BoxError } from './errors.ts';
import type { BoxSpec } from './protocol.ts';

const SURFACES = ['ioctl'] as const;
/** Descriptor of the command's launcher, and then of the bridge. */
export const BRIDGE_CHANNEL = 4;

function findProgram(name: string, path: string): string | undefined {
  const candidates = path
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => `${folder}/${name}`);
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Looked for before the box is opened: its first process must not look at files later. */
export function bridgeSpec(
  wish: 'off' | 'required' | undefined,
  path = process.env.PATH ?? '',
): Pick<BoxSpec, 'bridge' | 'bridgeMissing'> {
  if (wish === 'off') return {};
  const required = wish === 'required';
  const perl = findProgram('perl', path);
  if (perl !== undefined) return { bridge: { perl, required } };
  const missing = 'perl was not found on PATH';
  if (required) throw new BoxError('CXLBOX_NO_BRIDGE', missing);
  return { bridgeMissing: missing };
}

/** The command line with the bridge around it. */
export function bridged({ bridge }: BoxSpec, command: readonly string[]): readonly string[] {
  if (bridge === undefined) return command;
  const program = fileURLToPath(new URL('../bridge/bridge.pl', import.meta.url));
  const wish = bridge.required ? 'required' : 'if-possible';
  return [bridge.perl, program, SURFACES.join(','), wish, '--', ...command];
}

function warn(text: string): void {
  process.stderr.write(`cxlbox: ${text} (docs/bridge.md)\n`);
}

function tellMissing(why: string): void {
  warn(`ioctl(2) of the box's devices is not answered, for want of a bridge: ${why}`);
}

/**
 * Says what is missing, once. `failed` is called where it must not be. `channel` is of the launcher
 * (BRIDGE_CHANNEL): a line `on`, or `off` with the reason; it ends with the bridge.
 */
export function watchBridge(
  { bridge, bridgeMissing }: BoxSpec,
  channel: Readable | null | undefined,
  failed: (error: BoxError) => void,
): void {
  if (bridgeMissing !== undefined) tellMissing(bridgeMissing);
  if (bridge === undefined) return;
  let told = '';
  channel?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    const [, why] = /^off (.*)\n/.exec(told) ?? [];
    if (why === undefined) return;
    told = '';
    if (bridge.required) failed(new BoxError('CXLBOX_NO_BRIDGE', why));
    else tellMissing(why);
  });
  channel?.on('error', () => {});
  channel?.on('close', () => {
    if (told.startsWith('on')) warn('the bridge has ended: ioctl(2) of devices gives ENOSYS now');
  });
}
