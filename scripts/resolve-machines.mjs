// Resolves the machines that ship into dist/machines, for boxes to open without the parser; a part
// of the build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMachine, namedMachines } from '../dist/machine-files/load.js';
import { packageRoot } from '../dist/machine-files/package-root.js';
import { toJson } from '../dist/machine-files/plain-data.js';
import { RESOLVED } from '../dist/machine-files/shipped.js';

const folder = join(packageRoot(), RESOLVED);
mkdirSync(folder, { recursive: true });
for (const name of namedMachines())
  writeFileSync(join(folder, `${name}.json`), toJson(loadMachine(name)));
