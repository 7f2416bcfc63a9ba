/**
 * What is checked of a request before its body is read. Behind its end the buffer still holds what
 * earlier requests left there, which must not be taken for a part of it.
 *
 * The table of messages becomes arrays by opcode, so the check costs most requests a look-up and a
 * comparison.
 */
import type { Request } from './message.ts';
import { MESSAGES, type MessageShape, OPCODE_END, type Tail } from './opcodes.ts';
import { IN_HEADER } from './structs.ts';

type TailCheck = (request: Request) => boolean;

/** How many names there are. Each ends with a NUL, and the last NUL ends the request. */
const NAMES: Readonly<Partial<Record<Tail, number>>> = { name: 1, 'two names': 2 };

function namesOf({ requestTail }: MessageShape): number {
  return requestTail === undefined ? 0 : (NAMES[requestTail] ?? 0);
}

/** Bytes of the shortest well-formed request, its header included. */
function shortest(shape: MessageShape): number {
  return IN_HEADER.size + (shape.least ?? shape.request?.size ?? 0) + namesOf(shape);
}

/** What the length alone does not tell: absent for most. */
function tailCheck(shape: MessageShape): TailCheck | undefined {
  const { counted } = shape;
  const from = shape.request?.size ?? 0;
  if (counted !== undefined)
    return (request) => request.u32(counted.at) * counted.size <= request.bodySize - from;
  if (namesOf(shape) === 2)
    return (request) =>
      request.endsWithNul && from + request.name(from).length + 1 < request.bodySize;
  return namesOf(shape) === 1 ? (request) => request.endsWithNul : undefined;
}

/** 0 for a number that is not an opcode: such a request is answered ENOSYS, whatever it holds. */
const SHORTEST = new Uint32Array(OPCODE_END);
const TAIL_CHECK = new Array<TailCheck | undefined>(OPCODE_END).fill(undefined);
const UNANSWERED = new Uint8Array(OPCODE_END);

for (const shape of Object.values(MESSAGES)) {
  SHORTEST[shape.opcode] = shortest(shape);
  TAIL_CHECK[shape.opcode] = tailCheck(shape);
  UNANSWERED[shape.opcode] = shape.unanswered ? 1 : 0;
}

/**
 * True if all that the opcode's layout promises is there, and the header states the length that was
 * read.
 */
export function isWellFormed(request: Request): boolean {
  const { opcode, length } = request;
  if (length < (SHORTEST[opcode] ?? 0) || length !== request.statedLength) return false;
  const check = TAIL_CHECK[opcode];
  return check === undefined || check(request);
}

/** False for requests that must never be answered, not even with an errno. */
export function wantsAnswer(opcode: number): boolean {
  return UNANSWERED[opcode] !== 1;
}
