// `cxlbox shell` on a terminal: what says that it is a box.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finish, outputHas, startProgram, USERS } from '../box/box-process.ts';
import { installed, ROOT } from '../cxlbox.ts';

const SHELL = `${process.execPath} ${join(ROOT, 'bin', 'cxlbox.js')} shell`;
const SHELLS = ['/bin/sh', '/bin/bash'].filter((shell) => installed(shell.slice('/bin/'.length)));

describe.skipIf(USERS.length === 0 || !installed('script')).each(USERS.map((who) => ({ who })))(
  'a shell of $who',
  ({ who }) => {
    test.each(SHELLS)('%s has a line of what it is, and a prompt that says so', async (shell) => {
      const env = { SHELL: shell, TERM: 'dumb', PS1: '', PROMPT_COMMAND: '' };
      const child = startProgram(who, ['script', '-qec', SHELL, '/dev/null'], { env });
      const finished = finish(child);
      await outputHas(child, '(box) ');
      child.stdin?.write('echo $CXLBOX_MACHINE of $(command -v cxlbox); exit 4\n');
      const { status, stdout } = await finished;
      expect(stdout).toContain('A box of machine default: /sys is its own. Leave it by exit.\r\n');
      expect(stdout).toMatch(/\r\ndefault of \/.*\/cxlbox\r\n/);
      expect(status).toBe(4);
    });
  },
);
