/**
 * Runs the built `cxlbox` as a user would.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');
export const CLI = join(ROOT, 'bin', 'cxlbox.js');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly input?: string;
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

export function cxlbox(args: readonly string[], options: Given = {}): Outcome {
  const result = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    cwd: ROOT,
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
    timeout: 60_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a shell script in a box. */
export function inBox(script: string, options: { readonly machine?: string } = {}): Outcome {
  const machine = options.machine === undefined ? [] : ['--machine', options.machine];
  return cxlbox(['run', ...machine, '--', 'sh', '-c', script]);
}

/** Whether a program is on PATH. */
export function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
