import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Kernel } from '../driver-core/kernel.ts';
import { resolve } from '../kernfs/resolve.ts';
import type { DaxFiles } from '../media/dax-files.ts';
import { addDaxNumberLink } from './dax-number-link.ts';
import { DeviceFiles } from './device-files.ts';

const NODE = { name: 'dax0.0', major: 250, minor: 0, mode: 0o600 };

let dev: string;
let kernel: Kernel;
let attached: Map<string, string>;
let change: (name: string) => void;

const devPath = (name: string): string => join(dev, name);

/**
 * Contents are a file beside the dev folder, called as the device; `served` devices are links to
 * nowhere.
 */
const contents: DaxFiles = {
  attach: ({ name }) => {
    const path = attached.get(name);
    return path === undefined
      ? undefined
      : { kind: path.startsWith('/served') ? 'served' : 'own', path };
  },
  detach: (name) => attached.delete(name),
  isOpen: () => false,
  erase: () => {},
  lose: () => {},
  onChange: (changed) => {
    change = changed;
  },
};

beforeEach(() => {
  dev = mkdtempSync(join(tmpdir(), 'cxlbox-test-'));
  kernel = new Kernel();
  attached = new Map();
  new DeviceFiles(kernel, dev, contents);
});

afterEach(() => rmSync(dev, { recursive: true }));

function media(name: string, text: string): void {
  const path = join(dev, `${name}-media`);
  writeFileSync(path, text);
  attached.set(name, path);
}

test('a dax device is a second name of its contents, with the mode of the node', () => {
  media('dax0.0', 'contents');
  kernel.devtmpfs.add(NODE);
  expect(readFileSync(devPath('dax0.0'), 'latin1')).toBe('contents');
  expect([lstatSync(devPath('dax0.0')).isFile(), statSync(devPath('dax0.0')).mode & 0o777]).toEqual(
    [true, 0o600],
  );
  kernel.devtmpfs.remove('dax0.0');
  expect([existsSync(devPath('dax0.0')), attached.has('dax0.0')]).toEqual([false, false]);
});

test('a dax device is created again when its contents change', () => {
  media('dax0.0', 'before');
  kernel.devtmpfs.add(NODE);
  const again = join(dev, 'after');
  writeFileSync(again, 'after');
  const detach = vi
    .spyOn(contents, 'detach')
    .mockImplementation((name) => attached.set(name, again));
  change('dax0.0');
  detach.mockRestore();
  expect(readFileSync(devPath('dax0.0'), 'latin1')).toBe('after');
});

test('what the machine serves is a symbolic link, which is not followed here', () => {
  attached.set('dax0.0', '/served/dax0.0');
  kernel.devtmpfs.add(NODE);
  expect(readlinkSync(devPath('dax0.0'))).toBe('/served/dax0.0');
});

test('other nodes are empty files, in their directory; nodes that exist already are made at the start', () => {
  kernel.devtmpfs.add({ name: 'cxl/mem0', major: 251, minor: 0, mode: 0o600 });
  expect(statSync(devPath('cxl/mem0')).size).toBe(0);
  rmSync(devPath('cxl'), { recursive: true });
  new DeviceFiles(kernel, dev);
  expect(existsSync(devPath('cxl/mem0'))).toBe(true);
});

test('a device without contents is an empty file', () => {
  kernel.devtmpfs.add(NODE);
  expect(statSync(devPath('dax0.0')).size).toBe(0);
});

test('the link 0:0 leads to a dax device, while there is one, and is not listed', () => {
  addDaxNumberLink(kernel);
  expect(() => resolve(kernel.root, '/sys/dev/char/0:0')).toThrow('ENOENT');
  kernel.directory('bus/dax/devices/dax0.0');
  const found = resolve(kernel.root, '/sys/dev/char/0:0');
  expect([found.kind, found.name]).toEqual(['directory', 'dax0.0']);
  expect([...kernel.directory('dev/char').names()]).toEqual([]);
});
