/**
 * What `inject` was told, by the declaration of its kind. Every complaint is EINVAL with a reason
 * for the kernel log.
 */
import type { FaultRequest } from '../../cxlbox-abi/fault.ts';
import { KernelError } from '../../errno.ts';
import { suggestion } from '../description/did-you-mean.ts';
import { type FaultDeclaration, type FaultValue, MAX_NUMBER, wordMeant } from './declaration.ts';

export function invalid(reason: string): KernelError {
  return new KernelError('EINVAL', reason);
}

export interface FaultParameters {
  /** Undefined: it is optional and was left out. */
  readonly operand: string | undefined;
  /** With defaults, in the order of the declaration. */
  readonly options: ReadonlyMap<string, string>;
}

function numberText(key: string, text: string, least: number): string {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= MAX_NUMBER) return `${value}`;
  if (value > MAX_NUMBER) throw invalid(`${key} must be at most ${MAX_NUMBER}, not '${text}'`);
  throw invalid(`${key} must be a whole number of ${least} or more, not '${text}'`);
}

/** The value as it is listed. */
function canonical(key: string, text: string, value: FaultValue): string {
  if (value.type === 'number') return numberText(key, text, value.least);
  if (value.type === 'time') return numberText(key, text, 1);
  if (value.type !== 'word') return text;
  const word = wordMeant(value, text);
  if (word === undefined)
    throw invalid(`'${text}' is not a valid ${value.what}${suggestion(text, value.words)}`);
  return word;
}

function checkOptions({ name, operand, options }: FaultDeclaration, request: FaultRequest): void {
  const keys = [...(operand.keyed ? [operand.key] : []), ...options.map(({ key }) => key)];
  for (const key of request.options.keys()) {
    if (keys.length === 0) throw invalid(`'${key}' is not an option of ${name}, which takes none`);
    if (!keys.includes(key))
      throw invalid(`'${key}' is not an option of ${name}${suggestion(key, keys)}`);
  }
}

function operandOf(
  { name, operand }: FaultDeclaration,
  { operands, options }: FaultRequest,
): string | undefined {
  const [first, ...more] = operand.keyed ? [options.get(operand.key), ...operands] : operands;
  if (more.length > 0 || (first === undefined && !operand.keyed && !operand.optional)) {
    const wanted = operand.keyed
      ? 'takes options only'
      : `takes ${operand.optional ? 'at most ' : ''}one name`;
    throw invalid(`${name} ${wanted}, not '${operands.join(' ')}'`);
  }
  if (first !== undefined) return canonical(operand.key, first, operand.value);
  if (operand.optional) return undefined;
  throw invalid(`${name} needs ${operand.key}=`);
}

/** EINVAL. */
export function parametersOf(kind: FaultDeclaration, request: FaultRequest): FaultParameters {
  checkOptions(kind, request);
  const operand = operandOf(kind, request);
  const options = new Map<string, string>();
  for (const option of kind.options) {
    const text = request.options.get(option.key) ?? option.default;
    if (text !== undefined) options.set(option.key, canonical(option.key, text, option.value));
    else if (option.required) throw invalid(`${kind.name} needs ${option.key}=`);
  }
  return { operand, options };
}

/** The words of a fault of this kind: how `inject` is told, and how it is listed. */
export function requestOf(
  { name, operand }: FaultDeclaration,
  parameters: FaultParameters,
): FaultRequest {
  const about = parameters.operand;
  if (about === undefined) return { kind: name, operands: [], options: parameters.options };
  return operand.keyed
    ? {
        kind: name,
        operands: [],
        options: new Map([[operand.key, about], ...parameters.options]),
      }
    : { kind: name, operands: [about], options: parameters.options };
}
