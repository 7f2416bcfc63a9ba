import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cxlbox, ROOT } from '../cxlbox.ts';

const WRONG = 'about: x\nabii: y\n';
const CLI = join(ROOT, 'bin', 'cxlbox.js');

describe('cxlbox validate', () => {
  it('sums up a named machine', () => {
    const { status, stdout } = cxlbox(['validate', 'default']);
    expect({ status, start: stdout.slice(0, 29) }).toEqual({
      status: 0,
      start: 'default: valid: 2 nodes (4GiB',
    });
  });

  it.each(['-', '/dev/stdin'])('reads %s', (file) => {
    const { status, stderr } = cxlbox(['validate', file], { input: WRONG });
    expect(stderr).toContain("<stdin>:2:1: abii: found an unknown key 'abii', did you mean 'abi'?");
    expect(status).toBe(2);
  });

  it('reads a pipe that the shell opens', () => {
    const script = `${process.execPath} ${CLI} validate <(echo 'about: x')`;
    const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stdout).toContain(': valid: 1 node (2GiB)');
    expect(status).toBe(0);
  });

  it('gives programs the problems on standard output', () => {
    const { status, stdout, stderr } = cxlbox(['validate', '--json', '-'], { input: WRONG });
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, problems: [{ line: 2, column: 1 }] });
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  });

  it('says of a file that cannot be read why, and what it is', () => {
    const { status, stderr } = cxlbox(['validate', '/proc/self/mem']);
    expect(stderr).toContain('cannot read /proc/self/mem: EIO');
    expect(status).toBe(2);
  });

  it('prints a machine that it takes itself', () => {
    const { stdout } = cxlbox(['validate', '--resolved', 'default']);
    const again = cxlbox(['validate', '--resolved', '-'], { input: stdout });
    expect(again).toEqual({ status: 0, stdout, stderr: '' });
  });
});

describe('cxlbox run --machine -', () => {
  it('boots what standard input says', () => {
    const { status, stdout } = cxlbox(['run', '-m', '-', '--', 'ls', '/sys/devices/system/node'], {
      input: 'nodes: [{memory: [{base: 0, size: 1GiB}]}]\n',
    });
    expect(stdout).toContain('node0\n');
    expect(stdout).not.toContain('node1');
    expect(status).toBe(0);
  });
});
