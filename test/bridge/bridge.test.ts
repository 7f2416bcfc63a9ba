// The bridge: what a command notices of it, and what is left when one of its sides dies.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finish, startProgram } from '../box/box-process.ts';
import type { Outcome } from '../cxlbox.ts';
import { BOX_USERS, lacksBox, lacksProgram, needs } from '../needs.ts';
import { CLI, type Folder, inBoxOf, prepareFolder } from './box-of.ts';

const STRESS_SECONDS = Number(process.env.CXLBOX_STRESS ?? 3);
/** Identify: the name of the firmware comes first. */
const IDENTITY = /^0 425746572056455253494f4e203030/;
const ENDED = /^cxlbox: the bridge has ended: .*ENOSYS.*\n$/;
const MISSING = /^cxlbox: ioctl\(2\) .* for want of a bridge: (.*) \(docs\/bridge\.md\)\n$/;

let folder: Folder;
beforeAll(() => {
  folder = prepareFolder();
});
afterAll(() => folder.remove());

const lacks = [lacksBox(), lacksProgram('perl', 'python3')];

describe.each(BOX_USERS)('a box of $who', needs(...lacks), ({ who }) => {
  const run = (script: string, options?: readonly string[]): Promise<Outcome> =>
    inBoxOf(who, folder, `mailbox="python3 ${folder.mailbox}"; ${script}`, options);
  const identify = '$mailbox send /dev/cxl/mem0 1 "" 0x43';

  test('answers by itself, where nothing is said about it', async () => {
    const { status, stdout, stderr } = await run(`${identify}; exit 3`, []);
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(IDENTITY);
  });

  test.each([
    ['exit 7', 7],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
    ['sleep 60 & kill -INT $$', 130],
  ])('%s is its status', async (script, status) => {
    expect(await run(script)).toEqual({ status, stdout: '', stderr: '' });
  });

  test('the command has no child that it did not start, and nothing open', async () => {
    const script = `python3 -c '
import os
try: print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError: print("none")
print(sorted(map(int, os.listdir("/proc/self/fd")))[:-1])'`;
    // Outside of a box there is what the tests themselves were started with.
    const outside = await finish(startProgram(who, ['sh', '-c', script]), '');
    expect(outside.stdout).toMatch(/^none\n\[0, 1, 2/);
    expect(await run(script)).toEqual(outside);
  });

  test('programs that are left alone by their parents are answered as well', async () => {
    const script = `(setsid sh -c 'sleep 0.2; ${identify}' &); sleep 2`;
    const { stdout } = await run(script.replaceAll('$mailbox', `python3 ${folder.mailbox}`));
    expect(stdout).toMatch(IDENTITY);
  });

  test('a memory device refuses as the kernel does', async () => {
    const { stdout } = await run(`
      $mailbox send /dev/cxl/mem0 15
      $mailbox send /dev/cxl/mem0 1 "" 0x42
      $mailbox send /dev/cxl/mem0 10 0000000000000000ff
      $mailbox send /dev/cxl/mem0 6 0000010004000000 4
      $mailbox send /dev/null 1 "" 0x43`);
    expect(stdout).toBe('ENOTTY\nENOMEM\nEBUSY\n2 00000000\nENOTTY\n');
  });

  test('with threads, forks, signals and kills nothing is answered wrong', async () => {
    const { status, stdout } = await run(
      `echo mem0 > /sys/bus/cxl/drivers/cxl_mem/unbind
       $mailbox stress /dev/cxl/mem0 ${STRESS_SECONDS}; ${identify}`,
    );
    expect(stdout.split('\n')[0]).toBe('fine');
    expect(stdout.split('\n')[1]).toMatch(IDENTITY);
    expect(status).toBe(0);
  });

  test('whose bridge is killed says so, and goes on with ENOSYS', async () => {
    const { status, stdout, stderr } = await run(
      `
      $mailbox until-error /dev/cxl/mem0 > errno &
      cat /sys/kernel/uevent_seqnum > /dev/null
      sleep 0.5
      for process in /proc/[0-9]*; do
        grep -qs '^cxlbox: bridge' $process/cmdline && kill -KILL \${process#/proc/}
      done
      wait
      tail -n 1 errno; rm errno
      ${identify}
      cat /sys/bus/cxl/devices/mem0/ram/size
      exit 5`.replaceAll('errno', `/tmp/cxlbox-errno-${process.pid}`),
    );
    expect(stdout).toBe('ENOSYS\nENOSYS\n0x40000000\n');
    expect(stderr).toMatch(ENDED);
    expect(status).toBe(5);
  });

  test('without one has no filter and nothing to say', async () => {
    const script = 'grep "^Seccomp:" /proc/self/status; stat -c %F /dev/cxl/mem0';
    const { stdout, stderr } = await run(script, ['--no-bridge']);
    expect([stdout, stderr]).toEqual(['Seccomp:\t0\nregular empty file\n', '']);
  });

  test('that cannot have one says why, once, and works', async () => {
    const listener = `${import.meta.dirname}/listener.pl`;
    const command = [
      'run',
      '-m',
      folder.machine,
      '--',
      'cat',
      '/sys/bus/cxl/devices/mem0/ram/size',
    ];
    const child = startProgram(who, ['perl', listener, process.execPath, CLI, ...command]);
    const { status, stdout, stderr } = await finish(child, '');
    expect([status, stdout]).toEqual([0, '0x40000000\n']);
    expect(MISSING.exec(stderr)?.[1]).toBe('seccomp: Device or resource busy');
  });

  test('that has no perl says so, once, and works', async () => {
    const script = `PATH=$(dirname $(command -v unshare)); PATH=$PATH:/nonexistent
      folder=$(mktemp -d); chmod 755 $folder
      for program in unshare nsenter setpriv mount umount sh cat rmdir rm grep mknod mkfifo script; do
        ln -s $(command -v $program) $folder/
      done
      PATH=$folder ${process.execPath} ${CLI} run -m ${folder.machine} -- cat /sys/bus/cxl/devices/mem0/ram/size
      status=$?; /bin/rm -r $folder; exit $status`;
    const { status, stdout, stderr } = await finish(
      startProgram(who, ['/bin/sh', '-c', script]),
      '',
    );
    expect([status, stdout]).toEqual([0, '0x40000000\n']);
    expect(MISSING.exec(stderr)?.[1]).toBe('perl was not found on PATH');
  });
});
