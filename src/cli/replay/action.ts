import { boot } from '../../platform/boot.ts';
import { replayCommand } from '../../replay/command.ts';

/** Replays recordings against machines booted for each. */
export function replay(
  paths: readonly string[],
  options: { readonly json?: boolean | undefined },
): Promise<number> {
  return replayCommand(paths, { json: options.json ?? false, boot });
}
