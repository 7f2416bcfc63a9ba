/**
 * Boxes of the demo machine, opened as root and as an ordinary user.
 */
import { constants, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { ANY_USER, BOX_USERS, lacksBox, lacksRoot, needs } from '../needs.ts';
import { finish, outputHas, RUN_BOX, runBox, startBox, startProgram } from './box-process.ts';
import { boxOfSuite } from './open-box.ts';

const { O_NONBLOCK } = constants;
const KNOBS = '/sys/devices/platform/knobs';

/** Processes of this host whose environment or arguments carry `marker`. */
function processesWith(marker: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker);
      } catch {
        return false;
      }
    });
}

function parentOf(pid: string): string {
  return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '';
}

async function gone(marker: string): Promise<string[]> {
  for (let i = 0; i < 100 && processesWith(marker).length > 0; i += 1) {
    await new Promise((done) => setTimeout(done, 50));
  }
  return processesWith(marker);
}

/** Mounts of this host that a box made: there must be none. */
function boxMounts(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('cxlbox '));
}

let markers = 0;
function newMarker(): string {
  markers += 1;
  return `CXLBOX_TEST_MARKER=${process.pid}-${markers}.`;
}

function markerEnvironment(marker: string): Record<string, string> {
  const [name = '', value = ''] = marker.split('=');
  return { [name]: value };
}

describe.each(BOX_USERS)('a box opened by $who', needs(lacksBox()), ({ who }) => {
  const inBox = boxOfSuite([process.execPath, RUN_BOX], { who });

  test('leaves the standard streams as they are: a command waits for its input', async () => {
    const flags = 'sed -n "s/^flags:[[:space:]]*//p" /proc/$$/fdinfo/';
    const script = `echo ready; sleep 0.3; for n in 0 1 2; do ${flags}$n; done; cat`;
    const child = startBox(who, ['sh', '-c', script]);
    const finished = finish(child);
    await outputHas(child, 'ready');
    await new Promise((done) => setTimeout(done, 500));
    child.stdin?.end('late\n');
    const lines = (await finished).stdout.trim().split('\n');
    expect(lines.at(-1)).toBe('late');
    const nonblocking = lines.slice(1, 4).map((text) => Number.parseInt(text, 8) & O_NONBLOCK);
    expect(nonblocking).toEqual([0, 0, 0]);
  });

  test('shows the machine in /sys, /proc and /dev, and the host where programs need it', async () => {
    const { stdout } = await inBox(
      `cd /sys/bus && echo * && cat ${KNOBS}/number && head -1 /proc/iomem && stat -c '%n %s' /dev/dax0.0 /dev/cxl/mem0 &&
       test -e /sys/devices/system/cpu/possible && echo x > /dev/null && test "$(head -c2 /dev/zero | wc -c)" = 2 && echo host`,
    );
    expect(stdout.split('\n')).toEqual([
      'dax demo',
      '7',
      '00000000-7fffffff : System RAM',
      '/dev/dax0.0 2097152',
      '/dev/cxl/mem0 0',
      'host',
      '',
    ]);
  });

  test('lists its mounts where they are, not where they were made', async () => {
    const { stdout } = await inBox(
      'grep -c " /sys fuse" /proc/self/mounts; grep "/sys/bus" /proc/self/mounts',
    );
    expect(stdout).toBe('1\n');
  });

  test('runs the command as the first user of its own process and mount namespaces', async () => {
    const { stdout } = await inBox(
      'id -u; readlink /proc/self | grep -c "^[0-9]\\{1,3\\}$"; cat /proc/1/comm',
    );
    expect(stdout).toBe('0\n1\nsh\n');
  });

  test('collects orphans', async () => {
    const { stdout } = await inBox(
      'sh -c "sleep 0.05 &"; sleep 0.3; cat /proc/[0-9]*/stat | grep -c " Z "',
    );
    expect(stdout).toBe('0\n');
  });

  test('keeps the contents of a dax device over unbind and bind', async () => {
    const driver = '/sys/bus/dax/drivers/device_dax';
    const { stdout } = await inBox(
      `printf kept | dd of=/dev/dax0.0 conv=notrunc status=none; echo dax0.0 > ${driver}/unbind; ls /dev/dax* 2>&1 | wc -l;
       ls /dev | grep -c dax; echo dax0.0 > ${driver}/bind; head -c4 /dev/dax0.0; echo;
       echo 4194304 > /sys/bus/dax/devices/dax0.0/size; stat -c %s /dev/dax0.0; ls -d /sys/dev/char/0:0/subsystem/devices; ls /sys/dev/char`,
    );
    expect(stdout).toBe('1\n0\nkept\n4194304\n/sys/dev/char/0:0/subsystem/devices\n');
  });

  test('takes files that the host covers out of sight', async () => {
    const { stdout } = await inBox(
      'ls -A /run/udev /lib/modules 2>/dev/null | grep -v : | grep -c .',
    );
    expect(stdout).toBe('0\n');
  });

  test('says which write failed in a way that is a bug', async () => {
    const { stderr, stdout } = await inBox(`cat ${KNOBS}/broken || echo $?`);
    expect(stdout).toBe('1\n');
    expect(stderr).toContain('cxlbox: bug: READ failed, answered EIO: Error: a fault of the model');
  });

  test.each<[NodeJS.Signals, number]>([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ])('passes %s on', async (signal, status) => {
    const child = startBox(who, ['sh', '-c', 'echo started; exec sleep 60']);
    const finished = finish(child);
    await outputHas(child, 'started');
    child.kill(signal);
    expect((await finished).status).toBe(status);
  });

  test('gives the command the terminal: job control, and Ctrl-C for the foreground job only', async () => {
    const box = [
      'script',
      '-qec',
      `${process.execPath} ${RUN_BOX} sh -i; echo back $?; read line; echo got $line; exit 9`,
      '/dev/null',
    ];
    const env = { PS1: '', ENV: '', TERM: 'dumb', OWN_TERMINAL: '1' };
    const child = startProgram(who, box, { env });
    const finished = finish(child);
    const type = async (line: string, answer: string): Promise<void> => {
      const seen = outputHas(child, answer);
      child.stdin?.write(line);
      await seen;
    };
    await type('echo re""ady; tty\n', 'ready\r\n/dev/');
    await type('echo slee""ping; sleep 60\n', 'sleeping\r\n');
    await new Promise((done) => setTimeout(done, 200));
    await type('\x03echo st""ill\n', 'still\r\n');
    await type('sleep 0.1 & jobs; wait; echo d""one\n', 'done\r\n');
    await type('exit 7\n', 'back 7\r\n');
    await type('more\n', 'got more\r\n');
    expect((await finished).status).toBe(9);
  });
});

describe.each(ANY_USER)('a box opened by $who, as by any user', needs(lacksBox()), ({ who }) => {
  test.each<[string, string[], number]>([
    ['success', ['true'], 0],
    ['failure', ['sh', '-c', 'exit 42'], 42],
    ['a signal', ['sh', '-c', 'kill -TERM $$'], 143],
    ['a command that is missing', ['/nonexistent/command'], 127],
    ['a command that cannot be executed', ['/etc/passwd'], 126],
  ])('passes the status of %s', async (_name, command, status) => {
    expect((await runBox(who, command)).status).toBe(status);
  });

  test('passes stdin, stdout and stderr', async () => {
    const { stdout, stderr } = await runBox(who, ['sh', '-c', 'cat; echo error >&2'], {
      input: 'through\n',
    });
    expect([stdout, stderr]).toEqual(['through\n', 'error\n']);
  });

  test('traces requests on demand', async () => {
    const { stderr } = await runBox(who, ['cat', `${KNOBS}/number`], {
      env: { TRACE_FUSE: '1' },
    });
    expect(stderr).toMatch(/^fuse > \d+ INIT node=0 major=7 /m);
    expect(stderr).toMatch(/^fuse < \d+ READ ok "7\\n"$/m);
  });

  test('a machine that does not boot ends the box with a reason', async () => {
    const { status, stderr } = await runBox(who, ['true'], {
      env: {
        BOOT_MODULE:
          'data:text/javascript,export const boot = () => { throw new Error("no memory") }',
      },
    });
    expect(status).toBe(125);
    expect(stderr).toBe('CXLBOX_BOOT_FAILED: the machine did not boot: no memory\n');
  });

  test('a machine file that cannot be read ends the box with its own error', async () => {
    const marker = newMarker();
    const env = { BAD_MACHINE: 'line 3: no such key', ...markerEnvironment(marker) };
    const { status, stderr } = await runBox(who, ['true'], { env });
    expect([status, stderr]).toEqual([125, 'other: line 3: no such key\n']);
    expect(await gone(marker)).toEqual([]);
  });

  test('leaves nothing behind, whichever side is killed', async () => {
    for (const victim of ['parent', 'unshare', 'keeper', 'machine', 'command'] as const) {
      const marker = newMarker();
      const child = startBox(who, ['sh', '-c', 'setsid sleep 60 & echo started; exec sleep 61'], {
        env: markerEnvironment(marker),
      });
      const finished = finish(child);
      await outputHas(child, 'started');
      const patterns = {
        parent: /run-box\.mjs/,
        unshare: /^unshare\0.*--kill-child/,
        keeper: /^\/bin\/sh\0-c\0\nexec 9>/,
        machine: /^[^\0]*node\0.*machine-process/,
        command: /^sleep\0?61/,
      };
      // The shell may still be on its way to become the command.
      const pid = await vi.waitFor(
        () => {
          const pids = processesWith(marker).filter((each) =>
            patterns[victim].test(readFileSync(`/proc/${each}/cmdline`, 'latin1')),
          );
          // The keeper has copies of itself as children.
          const first = pids.filter((each) => !pids.includes(parentOf(each)));
          expect(first, victim).toHaveLength(1);
          return Number(first[0]);
        },
        { timeout: 10_000 },
      );
      process.kill(pid, 'SIGKILL');
      await finished;
      expect(await gone(marker), victim).toEqual([]);
    }
    expect(boxMounts()).toEqual([]);
  });
});

describe('where something is missing', needs(lacksBox(), lacksRoot()), () => {
  const failing = (before: string) => runBox('user', ['echo', 'ran'], { before });

  test.each<[string, string, RegExp]>([
    ['no device', 'mount -t tmpfs none /dev', /^CXLBOX_NO_FUSE: /],
    ['a device for root only', 'chmod 600 /dev/fuse', /^CXLBOX_FUSE_ACCESS: /],
    [
      'no user namespaces',
      'mount -t tmpfs none /mnt && printf "#!/bin/sh\\necho refused >&2; exit 1" > /mnt/u && chmod 755 /mnt/u && mount --bind /mnt/u "$(command -v unshare)"',
      /^CXLBOX_NO_USERNS: .*refused/,
    ],
  ])('%s', async (_name, before, message) => {
    const { status, stdout, stderr } = await failing(before);
    expect([status, stdout]).toEqual([125, '']);
    expect(stderr).toMatch(message);
  });

  test('no /proc of its own: the box opens without a process namespace', async () => {
    const { status, stdout } = await runBox(
      'user',
      ['sh', '-c', 'cat /proc/iomem | wc -l; exit 5'],
      {
        before: 'mount -t tmpfs none /proc/fs',
      },
    );
    expect([status, stdout]).toEqual([5, '3\n']);
  });
});
