import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Outcome } from '../cxlbox.ts';

/**
 * Runs the command line in this process: to start a program for each row of a table takes a minute.
 */
export async function cxlboxHere(args: readonly string[]): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += text;
      return true;
    }),
  );
  try {
    const status = await main(args);
    return { status, ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
