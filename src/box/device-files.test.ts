import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Kernel } from '../driver-core/kernel.ts';
import { KernelError } from '../errno.ts';
import { KernfsFile } from '../kernfs/node.ts';
import { resolve } from '../kernfs/resolve.ts';
import { addDaxNumberLink } from './dax-number-link.ts';
import { DeviceFiles, daxMediaOf } from './device-files.ts';

const NODE = { name: 'dax0.0', major: 250, minor: 0, mode: 0o600 };
const MIB = 1 << 20;

let stage: string;
let kernel: Kernel;
let size: number;
let files: DeviceFiles;

const devPath = (name: string): string => join(stage, 'dev', name);

function addDax(name: string, start: string): KernfsFile {
  const device = kernel.directory(`bus/dax/devices/${name}`);
  device.add(new KernfsFile('resource', 0o400, { show: () => `${start}\n` }));
  return device.add(new KernfsFile('size', 0o644, { show: () => `${size}\n` }));
}

beforeEach(() => {
  stage = mkdtempSync(join(tmpdir(), 'cxlbox-test-'));
  mkdirSync(join(stage, 'dev'));
  mkdirSync(join(stage, 'media'));
  kernel = new Kernel();
  size = 2 * MIB;
  files = new DeviceFiles(kernel, stage);
});

afterEach(() => rmSync(stage, { recursive: true }));

test('a dax device is a sparse file of its size and mode', () => {
  addDax('dax0.0', '0x100000000');
  kernel.devtmpfs.add(NODE);
  const stat = statSync(devPath('dax0.0'));
  expect([stat.size, stat.mode & 0o777, stat.blocks]).toEqual([2 * MIB, 0o600, 0]);
});

test('contents belong to the media: they survive the device, under any name', () => {
  addDax('dax0.0', '0x100000000');
  addDax('dax9.1', '0x100000000');
  kernel.devtmpfs.add(NODE);
  writeFileSync(devPath('dax0.0'), 'kept', { flag: 'r+' });
  kernel.devtmpfs.remove('dax0.0');
  expect(existsSync(devPath('dax0.0'))).toBe(false);
  kernel.devtmpfs.add({ ...NODE, name: 'dax9.1' });
  expect(readFileSync(devPath('dax9.1')).toString('latin1', 0, 4)).toBe('kept');
});

test('the file follows the size after a write that may change it', () => {
  const attribute = addDax('dax0.0', '0x100000000');
  kernel.devtmpfs.add(NODE);
  size = 4 * MIB;
  files.afterWrite(new KernfsFile('align', 0o644, {}));
  expect(statSync(devPath('dax0.0')).size).toBe(2 * MIB);
  files.afterWrite(attribute);
  expect(statSync(devPath('dax0.0')).size).toBe(4 * MIB);
});

test('other nodes are empty files, in their directory; nodes that exist already are made at the start', () => {
  kernel.devtmpfs.add({ name: 'cxl/mem0', major: 251, minor: 0, mode: 0o600 });
  expect(statSync(devPath('cxl/mem0')).size).toBe(0);
  rmSync(join(stage, 'dev'), { recursive: true });
  mkdirSync(join(stage, 'dev'));
  new DeviceFiles(kernel, stage);
  expect(existsSync(devPath('cxl/mem0'))).toBe(true);
});

test('a device that the machine says nothing about has no media', () => {
  expect(daxMediaOf(kernel, 'dax7.7')).toBeUndefined();
  const device = kernel.directory('bus/dax/devices/dax7.7');
  const show = (): string => {
    throw new KernelError('ENODEV', 'gone');
  };
  device.add(new KernfsFile('resource', 0o400, { show }));
  expect(daxMediaOf(kernel, 'dax7.7')).toBeUndefined();
});

test('the link 0:0 leads to a dax device, while there is one, and is not listed', () => {
  addDaxNumberLink(kernel);
  expect(() => resolve(kernel.root, '/sys/dev/char/0:0')).toThrow('ENOENT');
  addDax('dax0.0', '0x0');
  const found = resolve(kernel.root, '/sys/dev/char/0:0');
  expect([found.kind, found.name]).toEqual(['directory', 'dax0.0']);
  expect([...kernel.directory('dev/char').names()]).toEqual([]);
});
