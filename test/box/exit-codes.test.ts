// Every code of docs/exit-codes.md, from the command line: the status, one line of what and why,
// one of what to do.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOX_ERRORS, type BoxErrorCode } from '../../src/box/errors.ts';
import { ROOT } from '../cxlbox.ts';
import { ANY_USER, BOX_USERS, lacksBox, needs } from '../needs.ts';
import { finish, startProgram, USERS, type Who } from './box-process.ts';

const CLI = join(ROOT, 'bin', 'cxlbox.js');
const CXLBOX = `${process.execPath} ${CLI}`;
const LISTENER = join(ROOT, 'test', 'bridge', 'listener.pl');
const POOL = join(ROOT, 'examples', 'dynamic-pool.yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-exit-'));
  chmodSync(folder, 0o755);
  // With shared devices of another size.
  const small =
    'nodes: [{ id: 0, memory: [{ base: 0, size: 2GiB }] }]\n' +
    'windows: [{ base: 0x190000000, size: 8GiB, targets: [12] }]\n' +
    'host_bridges: [{ uid: 12, root_ports: [{ device: pool }] }]\n' +
    'devices: { pool: { dynamic_ram_a: 4GiB, shared: pool } }\n';
  writeFileSync(join(folder, 'small.yaml'), small);
  writeFileSync(join(folder, 'boot.yaml'), IMPOSSIBLE);
  mkdirSync(join(folder, 'closed'), { mode: 0o700 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Valid, and refused by the model: the kernel would lose memory that it uses. */
const IMPOSSIBLE = `
abi: mainline-7.2
boot: {auto_online_blocks: online_kernel}
host_bridges: [{root_ports: [{device: near}]}]
devices: {near: {ram: 1GiB}}
regions: [{devices: [near], driver: cxl_region}]
faults: [{removed: near}]
`;

/** A folder for PATH: the programs of the host but `without`, and `instead` as shell text. */
function programs(
  without: readonly string[],
  instead: Readonly<Record<string, string>> = {},
): string {
  const made = mkdtempSync(join(folder, 'path-'));
  chmodSync(made, 0o755);
  const taken = new Set([...without, ...Object.keys(instead)]);
  for (const from of ['/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    for (const name of readdirSync(from)) {
      if (taken.has(name)) continue;
      taken.add(name);
      symlinkSync(join(from, name), join(made, name));
    }
  }
  for (const [name, text] of Object.entries(instead))
    writeFileSync(join(made, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return made;
}

interface Case {
  readonly code: BoxErrorCode;
  /** What of the message is of this case. */
  readonly why?: RegExp;
  readonly who?: Who;
  /** Shell text; the last command is cxlbox. */
  script?(): string;
  /** Run as root before, in a private namespace, for `who: 'user'`. */
  readonly before?: string;
}

const run = (before: string): string => `${before}exec ${CXLBOX} run -- true`;
const withPath = (path: string, rest = `exec ${CXLBOX} run -- true`): string =>
  `PATH=${path}; ${rest}`;

/** `command` while a box runs that has the shared device. */
function besideBox(command: string): string {
  return `export CXLBOX_SHARED=$(mktemp -d -p /dev/shm); pipes=$(mktemp -d); mkfifo $pipes/open $pipes/end
    ${CXLBOX} run -m ${POOL} --host a -- sh -c "echo > $pipes/open; read -r end < $pipes/end" &
    read -r open < $pipes/open
    ${command}; status=$?
    echo > $pipes/end; wait; rm -r $CXLBOX_SHARED $pipes; exit $status`;
}

const CASES: readonly Case[] = [
  { code: 'CXLBOX_NO_FUSE', who: 'user', before: 'mount -t tmpfs none /dev' },
  { code: 'CXLBOX_FUSE_ACCESS', who: 'user', before: 'chmod 600 /dev/fuse' },
  {
    code: 'CXLBOX_NO_UNSHARE',
    why: /unshare ENOENT/,
    script: () => withPath(programs(['unshare'])),
  },
  {
    code: 'CXLBOX_NO_UNSHARE',
    why: /nsenter ENOENT/,
    script: () =>
      withPath(programs(['nsenter']), `exec ${CXLBOX} run --dax-memory checked -- true`),
  },
  {
    code: 'CXLBOX_NO_UNSHARE',
    why: /nsenter ENOENT/,
    script: () =>
      withPath(
        programs(['nsenter']),
        `export CXLBOX_SHARED=$(mktemp -d -p /dev/shm); ${CXLBOX} run -m ${POOL} -- true; ` +
          'status=$?; rm -r $CXLBOX_SHARED; exit $status',
      ),
  },
  { code: 'CXLBOX_NO_MOUNT', why: /mount ENOENT/, script: () => withPath(programs(['mount'])) },
  {
    code: 'CXLBOX_NO_USERNS',
    who: 'user',
    why: /unshare failed/,
    script: () =>
      withPath(
        programs([], {
          unshare: 'echo unshare: unshare failed: Operation not permitted >&2; exit 1',
        }),
      ),
  },
  {
    code: 'CXLBOX_NO_NAMESPACE',
    why: /unshare failed/,
    script: () =>
      withPath(
        programs([], {
          unshare: 'echo unshare: unshare failed: Operation not permitted >&2; exit 1',
        }),
      ),
  },
  {
    code: 'CXLBOX_NO_GUARD',
    why: /unshare failed: No space/,
    script: () =>
      withPath(
        programs([], {
          unshare:
            'case $1 in --user) echo unshare: unshare failed: No space left on device >&2; exit 1;; esac; exec /usr/bin/unshare "$@"',
        }),
      ),
  },
  {
    code: 'CXLBOX_LIMIT',
    why: /Resource temporarily/,
    script: () =>
      withPath(
        programs([], {
          unshare: 'echo unshare: fork failed: Resource temporarily unavailable >&2; exit 1',
        }),
      ),
  },
  { code: 'CXLBOX_LIMIT', why: /EMFILE/, script: () => run('ulimit -n 24; ') },
  {
    code: 'CXLBOX_LIMIT',
    who: 'user',
    why: /fork failed/,
    script: () =>
      withPath(programs([], { unshare: 'exec prlimit --nproc=3 /usr/bin/unshare "$@"' })),
  },
  {
    code: 'CXLBOX_WORKING_DIRECTORY',
    why: /uv_cwd/,
    script: () => run('d=$(mktemp -d); cd $d; rmdir $d; '),
  },
  {
    code: 'CXLBOX_WORKING_DIRECTORY',
    why: /\/sys\/class/,
    script: () => run('cd /sys/class/tty; '),
  },
  {
    code: 'CXLBOX_MOUNT_REFUSED',
    why: /no mount today/,
    script: () => withPath(programs([], { mount: 'echo no mount today >&2; exit 32' })),
  },
  {
    code: 'CXLBOX_NO_FLOCK',
    script: () => withPath(programs(['flock']), `exec ${CXLBOX} run -m ${POOL} -- true`),
  },
  {
    code: 'CXLBOX_SHARED_FOLDER',
    script: () => `CXLBOX_SHARED=/proc/x exec ${CXLBOX} run -m ${POOL} -- true`,
  },
  {
    code: 'CXLBOX_SHARED_MISMATCH',
    script: () => besideBox(`${CXLBOX} run -m ${folder}/small.yaml -- true`),
  },
  {
    code: 'CXLBOX_SHARED_HOST_TAKEN',
    script: () => besideBox(`${CXLBOX} run -m ${POOL} --host a -- true`),
  },
  {
    code: 'CXLBOX_NO_BRIDGE',
    why: /perl was not found/,
    script: () => withPath(programs(['perl']), `exec ${CXLBOX} run --bridge -- echo ran`),
  },
  {
    code: 'CXLBOX_NO_BRIDGE',
    why: /seccomp: Device or resource busy/,
    script: () => `exec perl ${LISTENER} ${CXLBOX} run --bridge -- echo ran`,
  },
  { code: 'CXLBOX_IN_BOX', script: () => `exec ${CXLBOX} run -- ${CXLBOX} run -- true` },
  { code: 'CXLBOX_BOOT_FAILED', script: () => `exec ${CXLBOX} run -m ${folder}/boot.yaml -- true` },
  {
    code: 'CXLBOX_LOST',
    why: /status 137/,
    script: () => `exec ${CXLBOX} run -- sh -c 'kill -KILL $PPID; sleep 10'`,
  },
  // Node needs a gigabyte of addresses to start.
  {
    code: 'CXLBOX_LOST',
    why: /status 1\d\d/,
    script: () =>
      withPath(programs([], { unshare: 'ulimit -v 300000; exec /usr/bin/unshare "$@"' })),
  },
];

test('each code has a case', () => {
  expect(new Set(CASES.map(({ code }) => code))).toEqual(new Set(Object.keys(BOX_ERRORS)));
});

describe.skipIf(!USERS.includes('root'))('125', () => {
  test.each(CASES)('$code $why', async ({ code, why = /./, who = 'root', script, before }) => {
    const text = script?.() ?? run('');
    const child = startProgram(who, ['sh', '-c', text], before === undefined ? {} : { before });
    const { status, stdout, stderr } = await finish(child, '');
    expect(stderr).toContain(`[${code}]\n  what to do: `);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^ +at /m);
    expect([status, stdout]).toEqual([125, '']);
  });
});

describe.each(ANY_USER)('a command of $who, as of any user', needs(lacksBox()), ({ who }) => {
  test.each([
    ['', 127],
    ['no-such-command', 127],
    ['/nonexistent/command', 127],
    ['/etc/passwd', 126],
    ['/etc', 126],
  ])("'%s' ends with %i", async (command, status) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const child = startProgram(who, [process.execPath, CLI, 'run', '--', command], { env });
    const ended = await finish(child, '');
    expect(ended.stderr).toMatch(/^cxlbox: /);
    expect(ended.status).toBe(status);
  });
});

describe.each(BOX_USERS)('a command of $who', needs(lacksBox()), ({ who }) => {
  test('starts in the directory that it is called in, with the same umask', async () => {
    const script = `umask 027; cd /usr/lib; exec ${CXLBOX} run -- sh -c 'pwd; umask; stat -c %a /dev /dev/cxl'`;
    const { stdout } = await finish(startProgram(who, ['sh', '-c', script]), '');
    expect(stdout).toBe('/usr/lib\n0027\n755\n755\n');
  });
});
