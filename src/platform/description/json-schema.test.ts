import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { machineJsonSchema } from './json-schema.ts';

const MACHINES = join(import.meta.dirname, '../../../machines');
const names = readdirSync(MACHINES).filter((name) => name.endsWith('.yaml'));

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
}

const ROOT = JSON.parse(JSON.stringify(machineJsonSchema())) as Schema;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function isType(value: unknown, type: string): boolean {
  return typeOf(value) === type || (type === 'number' && typeof value === 'number');
}

function ofMap(value: object, schema: Schema): boolean {
  const { properties = {}, additionalProperties = {}, required = [] } = schema;
  return (
    required.every((key) => key in value) &&
    Object.entries(value).every(([key, each]) => {
      const below = properties[key] ?? additionalProperties;
      return below !== false && fits(each, below);
    })
  );
}

/** As much of JSON Schema as ours uses. */
function fits(value: unknown, schema: Schema): boolean {
  const name = schema.$ref?.replace('#/$defs/', '');
  const referred = name === undefined ? undefined : ROOT.$defs?.[name];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  return (
    (name === undefined || (referred !== undefined && fits(value, referred))) &&
    (types.length === 0 || types.some((type) => isType(value, type))) &&
    (schema.enum === undefined || schema.enum.includes(value)) &&
    (typeof value !== 'string' || new RegExp(schema.pattern ?? '').test(value)) &&
    (typeof value !== 'number' ||
      (value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity))) &&
    (!Array.isArray(value) ||
      (value.length <= (schema.maxItems ?? Infinity) &&
        value.every((each) => fits(each, schema.items ?? {})))) &&
    (typeOf(value) !== 'object' || ofMap(value as object, schema)) &&
    (schema.anyOf === undefined || schema.anyOf.some((each) => fits(value, each)))
  );
}

function* keysWithout(schema: unknown, path: string): Iterable<string> {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as Schema;
  for (const [key, below] of Object.entries(properties ?? {}))
    if (below.description === undefined) yield `${path}.${key}`;
  for (const [key, below] of Object.entries(schema)) yield* keysWithout(below, `${path}.${key}`);
}

describe('machine.schema.json', () => {
  it('is what the schema gives: npm run docs:schema writes it', () => {
    const kept = JSON.parse(readFileSync(join(MACHINES, 'machine.schema.json'), 'utf8')) as unknown;
    expect(kept).toEqual(ROOT);
  });

  it('describes every key', () => {
    expect([...keysWithout(ROOT, '')]).toEqual([]);
  });

  it.each(names)('fits %s, which refers to it in its first line', (name) => {
    const text = readFileSync(join(MACHINES, name), 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./machine.schema.json');
    expect(fits(parse(text), ROOT)).toBe(true);
  });

  it.each([
    ['an unknown key', 'abbi: x'],
    ['a wrong word', 'abi: mainline'],
    ['a node that cannot be', 'nodes: [{id: 1024}]'],
    ['a size with a decimal unit', 'memory_block_size: 128MB'],
    ['a window without targets', 'windows: [{}]'],
    ['a repetition that is no map', 'windows: [{repeat: 4, targets: [12]}]'],
    [
      'a wrong key of a port below a switch',
      'host_bridges: [{root_ports: [{switch: {ports: [{devise: a}]}}]}]',
    ],
  ])('does not fit %s', (_, text) => {
    expect(fits(parse(text), ROOT)).toBe(false);
  });
});
