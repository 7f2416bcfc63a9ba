import { expect, test } from 'vitest';
import { Kernel } from '../driver-core/kernel.ts';
import { KernfsFile } from '../kernfs/node.ts';
import { makeMountPoints } from './host-directories.ts';

test('room is left where the machine has nothing and the host has something', () => {
  const kernel = new Kernel();
  kernel.directory('a/filled').add(new KernfsFile('x', 0o444, {}));
  expect(makeMountPoints(kernel, ['self', 'a/filled', 'missing'], '/proc')).toEqual(['self']);
  expect(kernel.sys.lookup('self')?.kind).toBe('directory');
  expect(kernel.sys.lookup('missing')).toBeUndefined();
});
