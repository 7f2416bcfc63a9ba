/**
 * Sessions of a page: blocks of the form
 *
 *     ```console machine=NAME
 *     $ command
 *     what it prints
 *     ```
 *
 * each run in a box of its own, by bash, with `cxlbox` on its PATH.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cxlbox, ROOT } from '../cxlbox.ts';

export interface Session {
  readonly machine: string;
  readonly text: string;
}

export function sessionsOf(page: string): Session[] {
  const document = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...document.matchAll(/^```console machine=(\S+)\n([\s\S]*?)^```/gm)].map(
    ([, machine = '', text = '']) => ({ machine, text }),
  );
}

export function commandsOf({ text }: Session): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2));
}

/** The programs that a session begins its commands with. */
export function programsOf(session: Session): string[] {
  return commandsOf(session).map((command) => command.split(' ', 1)[0] ?? '');
}

/** The session as it happens: commands with what each prints on standard output and error. */
export function play(session: Session): string {
  const folder = mkdtempSync(join(tmpdir(), 'cxlbox-session-'));
  try {
    const tool = join(folder, 'cxlbox');
    writeFileSync(
      tool,
      `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')} "$@"\n`,
    );
    chmodSync(tool, 0o755);
    const script = join(folder, 'session');
    const lines = commandsOf(session).map(
      (command) => `cat <<'SHOWN'\n$ ${command}\nSHOWN\n${command}\n`,
    );
    writeFileSync(script, `exec 2>&1\nPATH=${folder}:$PATH\n${lines.join('')}`);
    return cxlbox(['run', '--machine', session.machine, '--', 'bash', script]).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
