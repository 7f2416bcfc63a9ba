import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxOfSuite } from '../box/open-box.ts';
import { cxlbox, inBox, ROOT } from '../cxlbox.ts';
import { lacksBox, needs } from '../needs.ts';
import { cxlboxHere } from './here.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function machineFile(text: string): string {
  const path = join(folder, 'machine.yaml');
  writeFileSync(path, text);
  return path;
}

describe('bad input', needs(lacksBox()), () => {
  it.each([
    ['no command', [], 2, /Usage: cxlbox/],
    ['an unknown command', ['fly'], 2, /unknown command 'fly'/],
    ['an unknown option', ['run', '--fast', '--', 'true'], 2, /unknown option '--fast'/],
    [
      'a trace of what there is none of',
      ['run', '--trace', 'all', '--', 'true'],
      2,
      /argument 'all' is invalid. Allowed choices are fuse, driver\./,
    ],
    ['run without a command', ['run'], 2, /missing required argument 'command'/],
    ['an unknown machine', ['run', '-m', 'directt2', '--', 'true'], 2, /Did you mean 'direct2'\?/],
    [
      'a machine file that is not there',
      ['run', '-m', './no.yaml', '--', 'true'],
      2,
      /No machine '.\/no.yaml'/,
    ],
    ['a recording that is not there', ['replay', 'nowhere'], 2, /nowhere/],
    [
      'record without --raw',
      ['record'],
      2,
      /--raw is missing\n {2}what to do: cxlbox record --raw/,
    ],
    [
      'a place in a dax device that is not there',
      ['fault', 'poison', 'dax1.0:0x1000'],
      2,
      /no dax device dax1\.0 with memory exists: this machine has none yet/,
    ],
    [
      'a region of a host without CXL',
      ['translate', 'region7', 'hpa', '0'],
      2,
      /^cxlbox: this machine has no region 'region7'; it has /,
    ],
  ])('%s', async (_, args, status, message) => {
    const outcome = await cxlboxHere(args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.status).toBe(status);
  });

  it('ends the program itself with its status', () => {
    const { status, stdout, stderr } = cxlbox(['fly']);
    expect(stderr).toContain("unknown command 'fly'");
    expect([status, stdout]).toEqual([2, '']);
  });

  it('in a machine file is told with line and column, all problems at once', () => {
    const file = machineFile(
      'nodes:\n  - id: 0\n    cpus: "0-x"\n    memory: [{base: 0, size: 2GiB}]\nwindow: 3\n',
    );
    const { status, stderr } = cxlbox(['run', '-m', file, '--', 'true']);
    expect(stderr).toContain(`${file}:3:11: `);
    expect(stderr).toContain(`${file}:5:1: `);
    expect(stderr).toMatch(/what to do: /);
    expect(status).toBe(2);
  });
});

describe('run', needs(lacksBox()), () => {
  it.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ])('gives the status of the command: %s', (script, status) => {
    expect(inBox(script).status).toBe(status);
  });

  it('says 127 for a command that is not there', () => {
    // A folder that may not be searched makes it 126, as of env(1).
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const { status, stderr } = cxlbox(['run', '--', 'no-such-command'], { env });
    expect(status).toBe(127);
    expect(stderr).toContain('no-such-command');
  });

  it('passes standard input, output and error', () => {
    const outcome = cxlbox(['run', '--', 'sh', '-c', 'cat; echo aside >&2'], {
      input: 'through\n',
    });
    expect(outcome).toEqual({ status: 0, stdout: 'through\n', stderr: 'aside\n' });
  });

  it('boots a machine of one’s own', () => {
    const file = machineFile('nodes:\n  - {id: 0, cpus: "0", memory: [{base: 0, size: 1GiB}]}\n');
    const { stdout, stderr } = cxlbox(['run', '-m', file, '--', 'ls', '/sys/devices/system/node']);
    expect(stderr).toBe('');
    expect(stdout).toContain('node0\n');
    expect(stdout).not.toContain('node1');
  });

  it('prints every request and answer with --trace fuse', () => {
    const { stderr, status } = cxlbox([
      'run',
      '--trace',
      'fuse',
      '--',
      'cat',
      '/sys/bus/cxl/drivers_autoprobe',
    ]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/LOOKUP.*drivers_autoprobe/);
    expect(stderr).toMatch(/READ/);
  });

  const bind = 'echo region0 > /sys/bus/cxl/drivers/cxl_region/bind';

  it('prints the steps of the boot and of a bind with --trace driver', () => {
    const { stderr, status } = cxlbox(['run', '--trace', 'driver', '--', 'sh', '-c', bind]);
    expect(status).toBe(0);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('driver '))).toEqual([]);
    const steps = [
      'driver register cxl_region',
      'driver bind cxl_region region0',
      'driver probe cxl_region region0: ok',
      'driver bind cxl_region region0: ok',
    ];
    expect(lines.filter((line) => steps.includes(line))).toEqual(steps);
  });

  it('prints both with --trace given twice', () => {
    const { stderr } = cxlbox([
      ...['run', '--trace', 'driver', '--trace', 'fuse'],
      ...['--', 'sh', '-c', bind],
    ]);
    expect(stderr).toMatch(/^fuse .*LOOKUP.*cxl_region/m);
    expect(stderr).toMatch(/^driver bind cxl_region region0: ok$/m);
  });
});

describe('show', needs(lacksBox()), () => {
  const box = boxOfSuite(undefined, {
    restore: 'echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/unbind',
  });

  it('prints regions with what became of them', async () => {
    const { stdout } = await box(`
      echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/bind
      node bin/cxlbox.js show --only regions`);
    expect(stdout).toBe(
      [
        'regions',
        '  region0                      no driver                    ram, 4 GiB, committed, at 0x190000000',
        '  region1                      driver cxl_devdax_region     ram, 4 GiB, committed, at 0x290000000',
        '  └─ dax_region1               driver cxl_dax_region',
        '     └─ dax1.0                 driver device_dax            4 GiB, node 2',
        '',
      ].join('\n'),
    );
  });

  it('prints the same for programs', async () => {
    const { stdout } = await box('node bin/cxlbox.js show --json');
    expect(JSON.parse(stdout)).toMatchObject({
      blockSize: 134217728,
      regions: [{ name: 'region0', facts: { commit: '1' } }, { name: 'region1' }],
      nodes: [{ name: 'node0' }, { name: 'node1' }],
    });
  });
});

describe('machines', () => {
  it('lists those that ship', () => {
    const machines = JSON.parse(cxlbox(['machines', '--json']).stdout) as {
      name: string;
      about: string;
    }[];
    const names = machines.map(({ name }) => name);
    for (const name of ['default', 'direct2', 'hb2', 'hmat', 'mixed', 'one', 'switch2'])
      expect(names).toContain(name);
    for (const { about } of machines) expect(about).not.toBe('');
  });
});

describe('demo', needs(lacksBox()), () => {
  it('runs through, prints what README.md shows, and ends with what to try next', () => {
    const { status, stdout, stderr } = cxlbox(['demo']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('memory50-81');
    expect(stdout).toMatch(/dev\/dax1.0: wrote 512 pages through mmap, process \d+/);
    expect(stdout).toMatch(/dev\/dax1.0: found 512 pages through mmap, process \d+/);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('npx cxlbox replay');
    const anonymous = (text: string): string => text.replace(/process \d+/g, 'process N');
    const [, shown = ''] = /^```text\n([\s\S]*?)^```/m.exec(README) ?? [];
    const lines = anonymous(shown)
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => !anonymous(stdout).includes(line))).toEqual([]);
  });
});
