// Writes machines/machine.schema.json, the JSON Schema of machine files, from the schema that
// checks them.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { machineJsonSchema } = await import(
  join(root, 'dist', 'platform', 'description', 'json-schema.js')
);
writeFileSync(
  join(root, 'machines', 'machine.schema.json'),
  `${JSON.stringify(machineJsonSchema(), null, 2)}\n`,
);
