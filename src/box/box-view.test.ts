import { expect, test } from 'vitest';
import { identityMap } from './box-view.ts';

test.each([
  ['         0          0 4294967295\n', '0 0 4294967295\n'],
  ['0 1000 1\n1 100000 65536\n', '0 0 1\n1 1 65536\n'],
])('all ids that %j has stay what they are', (map, identity) => {
  expect(identityMap(map)).toBe(identity);
});
