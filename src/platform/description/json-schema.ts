/**
 * The JSON Schema of machine files, for editors: what zod makes of our schema, and the repetitions,
 * which are written out before that schema sees a file.
 */
import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { machineSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const REPEAT: JsonSchema = {
  description:
    'Writes this part once for each combination of the counters, the last one fastest. Texts in it may hold expressions of them in braces.',
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: 'integer', minimum: 1, maximum: LIMITS.repetitions },
};
const REPEATED_SCALAR: JsonSchema = {
  type: 'object',
  properties: { repeat: REPEAT, each: { description: 'The item, which is not a map.' } },
  required: ['repeat', 'each'],
  additionalProperties: false,
};

/**
 * Adds `repeat` to the maps that a list or a map by name holds, in place; scalars get the form with
 * `each`.
 */
function withRepeat(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  const target = name === undefined ? schema : root.$defs?.[name];
  if (typeof target !== 'object') return schema;
  if (target.type === 'object') {
    target.properties = { repeat: REPEAT, ...target.properties };
    return schema;
  }
  return { anyOf: [schema, REPEATED_SCALAR] };
}

function addRepetitions(schema: unknown, root: JsonSchema): void {
  if (typeof schema !== 'object' || schema === null) return;
  if (schema === REPEAT || schema === REPEATED_SCALAR) return;
  for (const below of Object.values(schema)) addRepetitions(below, root);
  const { type, items, additionalProperties } = schema as JsonSchema;
  if (type === 'array' && typeof items === 'object' && !Array.isArray(items))
    Object.assign(schema, { items: withRepeat(items, root) });
  if (type === 'object' && typeof additionalProperties === 'object')
    Object.assign(schema, { additionalProperties: withRepeat(additionalProperties, root) });
}

export function machineJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(machineSchema, { io: 'input' });
  addRepetitions({ ...schema }, schema);
  return { title: 'cxlbox machine', description: 'docs/machine-file.md', ...schema };
}
