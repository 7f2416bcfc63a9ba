// `npm run bench [-- NAME...]`: runs the benchmarks of this folder one after the other and prints
// their figures. Each is a module that exports `title` and `async run(report)`; `report` takes a
// row { what, value, unit, against?, goal? }. Figures are ratios to something measured in the same
// run where they can be, since absolute times say little on a shared machine.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HELPERS = new Set(['run.mjs', 'statistics.mjs']);
const folder = dirname(fileURLToPath(import.meta.url));
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.mjs') && !HELPERS.has(name))
  .map((name) => name.slice(0, -'.mjs'.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`bench: no ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

function print({ what, value, unit = '', against = '', goal = '' }) {
  const figure = typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
  console.log(
    `  ${what.padEnd(58)} ${figure.padStart(10)} ${unit.padEnd(8)} ${against}${goal === '' ? '' : `  (goal ${goal})`}`,
  );
}

for (const name of asked.length > 0 ? asked : all) {
  const { title, run } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  console.log(`${name}: ${title}`);
  await run(print);
}
