// The command line loads what it declares and no more: `cxlbox show` in a script does not pay for
// the model.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');

/** What the file loads at once: imports of types load nothing, and import() loads later. */
function loadedBy(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';/gms)]
    .filter(([statement]) => !/^import \{(?:\s*type [\w ]+,?)+\s*\}/.test(statement))
    .map(([, path = '']) => join(dirname(file), path));
}

function closure(start: string): Set<string> {
  const seen = new Set([start]);
  for (const file of seen) for (const each of loadedBy(file)) seen.add(each);
  return seen;
}

it('main.ts loads declarations of faults and profiles, and nothing that runs a machine', () => {
  const loaded = [...closure(join(SOURCE, 'cli', 'main.ts'))].map((file) => relative(SOURCE, file));
  expect(loaded).toContain('platform/faults/kinds/probe.ts');
  const heavy = /^(?:cxl|dax|driver-core|mm|kernfs|media|fuse|box|replay)\//;
  // Errors of boxes with their exit codes, what limits of the host do, and the names of the steps
  // that can fail.
  expect(loaded.filter((file) => heavy.test(file)).sort()).toEqual([
    'box/errors.ts',
    'box/spawn-failure.ts',
    'mm/hotplug/steps.ts',
  ]);
});
