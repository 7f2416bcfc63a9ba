/**
 * YAML text to a checked machine description.
 */
import { LineCounter, parseDocument } from 'yaml';
import { cxlFindings } from './checks-cxl.ts';
import { faultFindings } from './checks-faults.ts';
import { memoryFindings } from './checks-memory.ts';
import { regionFindings } from './checks-regions.ts';
import { DescriptionError, type Finding, type Problem } from './error.ts';
import { locate } from './positions.ts';
import { expandRepetitions } from './repeat.ts';
import { resolveMachine } from './resolve.ts';
import { machineSchema } from './schema.ts';
import { schemaFindings } from './schema-findings.ts';
import type { MachineDescription } from './types.ts';

/** A key with nothing after it counts as not written. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each)]));
}

/** The last part of a path, without `.yaml`. */
export function machineName(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, '');
}

/**
 * The machine that `text`, a machine file (docs/machine-file.md), describes. `file` is what messages
 * call it, and names the machine; nothing is read from it. Throws {@link DescriptionError} with all
 * problems that were found: all syntax errors, else all of the repetitions, else all of the schema,
 * else all of the comparisons between parts.
 *
 * @example
 * ```ts
 * import { boot, MachineClient, parseMachine } from 'cxlbox';
 *
 * const text = 'nodes: [{ id: 0, cpus: "0", memory: [{ base: 0, size: 1GiB }] }]';
 * const machine = parseMachine(text, 'small.yaml');
 * const client = new MachineClient(boot(machine));
 * console.log((await client.read('/sys/devices/system/node/online')).trim()); // 0
 * ```
 */
export function parseMachine(text: string, file: string): MachineDescription {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    intAsBigInt: true,
  });
  const syntax: Problem[] = document.errors.map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { line, column: col, message };
  });
  if (syntax.length > 0) throw new DescriptionError(file, syntax);
  const expanded = expandRepetitions(withoutNulls(document.toJS()) ?? {});
  const fail = (findings: readonly Finding[], sourceOf = expanded.sourceOf): never => {
    throw new DescriptionError(file, locate(document, lines, findings, sourceOf));
  };
  if (expanded.findings.length > 0) return fail(expanded.findings, (path) => path);
  const { value } = expanded;
  const checked = machineSchema.safeParse(value);
  if (!checked.success) return fail(schemaFindings(checked.error, value));
  const raw = checked.data;
  const machine = resolveMachine(raw, machineName(file));
  const findings = [
    ...memoryFindings(raw, machine),
    ...cxlFindings(raw, machine),
    ...regionFindings(raw, machine),
    ...faultFindings(raw, machine),
  ];
  return findings.length > 0 ? fail(findings) : machine;
}
