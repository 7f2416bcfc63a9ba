/**
 * The schema's complaints in our words.
 */
import type { z } from 'zod';
import { suggestion } from './did-you-mean.ts';
import type { DocumentPath, Finding } from './error.ts';
import { describeFound } from './leaves.ts';
import { machineSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function plainPath(path: readonly PropertyKey[]): DocumentPath {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function valueAt(document: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
    document,
  );
}

/** The keys that the schema knows at a path, for a suggestion. */
function knownKeys(path: DocumentPath): string[] {
  let at: unknown = machineSchema;
  for (const part of path) at = descend(at, part);
  return Object.keys(shapesOf(at));
}

interface SchemaDefinition {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly options?: readonly unknown[];
}

function definitionOf(schema: unknown): SchemaDefinition {
  const definition: unknown =
    typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'def') : undefined;
  return typeof definition === 'object' && definition !== null ? definition : {};
}

function unwrap(schema: unknown): unknown {
  const { type, innerType } = definitionOf(schema);
  return type === 'optional' ? unwrap(innerType) : schema;
}

function shapesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { shape, options } = definitionOf(unwrap(schema));
  if (shape !== undefined) return shape;
  return options === undefined ? {} : Object.assign({}, ...options.map(shapesOf));
}

function descend(schema: unknown, part: string | number): unknown {
  const { type, element, valueType } = definitionOf(unwrap(schema));
  if (type === 'array') return element;
  if (type === 'record') return valueType;
  return shapesOf(schema)[part];
}

/** Of a union's branches, the one that the author most likely meant: it fails deeper than at its own top. */
function meantBranch(issue: Issue & { code: 'invalid_union' }): readonly Issue[] | undefined {
  return issue.errors.find((branch) =>
    branch.some((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
  );
}

function findingsOf(issue: Issue, document: unknown, prefix: DocumentPath): Finding[] {
  const path = [...prefix, ...plainPath(issue.path)];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `found an unknown key '${key}'${suggestion(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue);
    if (branch !== undefined) return branch.flatMap((each) => findingsOf(each, document, path));
    return [{ path, message: `${describeFound(valueAt(document, path))}, ${issue.message}` }];
  }
  if (issue.code === 'invalid_type') {
    const expected = EXPECTED[issue.expected] ?? issue.expected;
    return [{ path, message: `${describeFound(valueAt(document, path))}, expected ${expected}` }];
  }
  return [{ path, message: issue.message }];
}

export function schemaFindings(error: z.ZodError, document: unknown): Finding[] {
  return error.issues.flatMap((issue) => findingsOf(issue, document, []));
}
