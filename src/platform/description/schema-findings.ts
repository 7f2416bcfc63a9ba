/**
 * The schema's complaints in our words.
 */
import { z } from 'zod';
import { suggestion } from './did-you-mean.ts';
import { type DocumentPath, type Finding, shortened } from './error.ts';
import { describeFound } from './leaves.ts';
import { machineSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema.JSONSchema;

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

/** The maps that the schema allows at a path, for suggestions of their keys. */
class KnownKeys {
  private readonly root: JsonSchema = z.toJSONSchema(machineSchema, { io: 'input' });

  at(path: DocumentPath): string[] {
    let schemas = this.branches(this.root);
    for (const part of path)
      schemas = schemas.flatMap((each) => this.branches(this.below(each, part)));
    return schemas.flatMap(({ properties }) => Object.keys(properties ?? {}));
  }

  /** The schema itself, what it refers to, what it offers as a choice. */
  private branches(schema: JsonSchema | boolean | undefined): JsonSchema[] {
    if (typeof schema !== 'object') return [];
    const name = schema.$ref?.replace('#/$defs/', '');
    const referred = name === undefined ? [] : this.branches(this.root.$defs?.[name]);
    return [schema, ...referred, ...(schema.anyOf ?? []).flatMap((each) => this.branches(each))];
  }

  private below(schema: JsonSchema, part: string | number): JsonSchema | boolean | undefined {
    if (typeof part !== 'number') return schema.properties?.[part] ?? schema.additionalProperties;
    return Array.isArray(schema.items) ? undefined : schema.items;
  }
}

/**
 * Of a union's branches, the one that the author most likely meant: it fails deeper than at its own
 * top.
 */
function meantBranch(issue: Issue & { code: 'invalid_union' }): readonly Issue[] | undefined {
  return issue.errors.find((branch) =>
    branch.some((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
  );
}

function findingsOf(
  issue: Issue,
  document: unknown,
  prefix: DocumentPath,
  known: KnownKeys,
): Finding[] {
  const path = [...prefix, ...plainPath(issue.path)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: () => `${unknownKey(key)}${suggestion(key, known.at(path))}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue);
    if (branch !== undefined)
      return branch.flatMap((each) => findingsOf(each, document, path, known));
    return [{ path, message: `${describeFound(valueAt(document, path))}, ${issue.message}` }];
  }
  if (issue.code === 'invalid_type') {
    const expected = EXPECTED[issue.expected] ?? issue.expected;
    return [{ path, message: `${describeFound(valueAt(document, path))}, expected ${expected}` }];
  }
  return [{ path, message: issue.message }];
}

function unknownKey(key: string): string {
  return `found an unknown key '${shortened(key)}'`;
}

export function schemaFindings(error: z.ZodError, document: unknown): Finding[] {
  const known = new KnownKeys();
  return error.issues.flatMap((issue) => findingsOf(issue, document, [], known));
}
