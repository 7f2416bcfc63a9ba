/**
 * YAML text to a checked machine description.
 */
import { cxlFindings } from './checks-cxl.ts';
import { faultFindings } from './checks-faults.ts';
import { memoryFindings } from './checks-memory.ts';
import { regionFindings } from './checks-regions.ts';
import { documentValues } from './document-values.ts';
import { DescriptionError, type Finding } from './error.ts';
import { locate } from './positions.ts';
import { expandRepetitions } from './repeat.ts';
import { resolveMachine } from './resolve.ts';
import { machineSchema } from './schema.ts';
import { schemaFindings } from './schema-findings.ts';
import type { MachineDescription } from './types.ts';
import { readYaml } from './yaml-text.ts';

/** The last part of a path, without `.yaml`; `stdin` of `<stdin>`. */
export function machineName(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, '').replace(/^<(.*)>$/, '$1');
}

/**
 * The machine that `text`, a machine file (docs/machine-file.md), describes. `file` is what
 * messages call it, and names the machine; nothing is read from it. Throws {@link DescriptionError}
 * with all problems that were found: all syntax errors, else all of aliases and keys, else all of
 * the repetitions, else all of the schema, else all of the comparisons between parts. Throws
 * nothing else, whatever the text.
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
  const { document, lines, problems } = readYaml(text);
  if (problems.length > 0) throw new DescriptionError(file, problems);
  const { value: written, faults, offsetOf } = documentValues(document);
  const places = { lines, offsetOf, sourceOf: (path: Finding['path']) => path };
  if (faults.length > 0) {
    const located = faults.map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col, message };
    });
    throw new DescriptionError(file, located);
  }
  const { value, findings: ofRepetitions, sourceOf } = expandRepetitions(written);
  if (ofRepetitions.length > 0) throw new DescriptionError(file, locate(ofRepetitions, places));
  const fail = (findings: readonly Finding[]): never => {
    throw new DescriptionError(file, locate(findings, { ...places, sourceOf }));
  };
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
