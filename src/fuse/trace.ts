/**
 * `--trace fuse`: one line for each request and each answer, decoded by the tables of the protocol.
 */
import { ERRNO } from '../errno.ts';
import { direntSize } from './wire/dirent.ts';
import {
  FUSE_NOTIFY_INVAL_ENTRY,
  FUSE_NOTIFY_INVAL_INODE,
  FUSE_NOTIFY_POLL,
  FUSE_NOTIFY_PRUNE,
} from './wire/flags.ts';
import { type Layout, WIDTH } from './wire/layout.ts';
import { type Message, Reply, type Request } from './wire/message.ts';
import { MESSAGES, opcodeName, type Tail } from './wire/opcodes.ts';
import { DIRENT, OUT_HEADER } from './wire/structs.ts';

const TEXT_SHOWN = 64;
/** Fields that say nothing. */
const UNPRINTED = /^(padding|dummy|unused\d*|lock_owner|(entry|attr)_valid_nsec|[amc]timensec)$/;
/** Fields that are read best in octal or in hex. */
const OCTAL = /^(mode|umask)$/;
const HEX = /flags|events|mask$|^valid$/;

const ERRNO_NAMES = new Map<number, string>(
  Object.entries(ERRNO).map(([name, value]) => [value, name]),
);

const READ_FIELD = {
  u16: (message: Message, offset: number): number => message.u16(offset),
  u32: (message: Message, offset: number): number => message.u32(offset),
  i32: (message: Message, offset: number): number => message.i32(offset),
  u64: (message: Message, offset: number): number => message.u64(offset),
} as const;

function formatField(name: string, value: number): string {
  if (OCTAL.test(name)) return `${name}=0${value.toString(8)}`;
  if (HEX.test(name)) return `${name}=0x${value.toString(16)}`;
  return `${name}=${value}`;
}

/** Fields that are 0 are left out: most of a struct is. */
function formatFields(message: Message, shape: Layout): string[] {
  return shape.fields
    .filter(
      (field) =>
        !UNPRINTED.test(field.name) && field.offset + WIDTH[field.type] <= message.bodySize,
    )
    .map((field) => ({ name: field.name, value: READ_FIELD[field.type](message, field.offset) }))
    .filter(({ value }) => value !== 0)
    .map(({ name, value }) => formatField(name, value));
}

function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, TEXT_SHOWN));
  return text.length > TEXT_SHOWN ? `${shown}... (${text.length} bytes)` : shown;
}

function formatEntries(message: Message): string[] {
  const names: string[] = [];
  for (let at = 0; at < message.bodySize; ) {
    const length = message.u32(at + DIRENT.at.namelen);
    names.push(message.text(at + DIRENT.size, length));
    at += direntSize(length);
  }
  return [`${names.length} entries`, ...names.slice(0, 4), ...(names.length > 4 ? ['...'] : [])];
}

const FORMAT_TAIL: Readonly<Record<Tail, (message: Message, offset: number) => string[]>> = {
  name: (message, offset) => [quote(message.name(offset))],
  'two names': (message, offset) => {
    const first = message.name(offset);
    return [quote(first), quote(message.name(offset + first.length + 1))];
  },
  data: (message, offset) => [quote(message.text(offset, message.bodySize - offset))],
  entries: formatEntries,
};

function formatBody(message: Message, shape: Layout | undefined, tail: Tail | undefined): string[] {
  const fields = shape === undefined ? [] : formatFields(message, shape);
  return tail === undefined ? fields : [...fields, ...FORMAT_TAIL[tail](message, shape?.size ?? 0)];
}

function nameOf(request: Request): string {
  return opcodeName(request.opcode) ?? `OPCODE_${request.opcode}`;
}

export function traceRequest(request: Request, wellFormed: boolean): string {
  const head = `> ${request.unique} ${nameOf(request)} node=${request.nodeId}`;
  if (!wellFormed) return `${head} malformed (${request.length} bytes)`;
  const name = opcodeName(request.opcode);
  const message = name === undefined ? undefined : MESSAGES[name];
  const body = formatBody(request, message?.request, message?.requestTail);
  return [head, ...body].join(' ');
}

const NOTIFICATION_NAMES = new Map<number, string>([
  [FUSE_NOTIFY_POLL, 'NOTIFY_POLL'],
  [FUSE_NOTIFY_INVAL_INODE, 'NOTIFY_INVAL_INODE'],
  [FUSE_NOTIFY_INVAL_ENTRY, 'NOTIFY_INVAL_ENTRY'],
  [FUSE_NOTIFY_PRUNE, 'NOTIFY_PRUNE'],
]);

/** A message that answers nothing; the first field of each says what it is about. */
export function traceNotification(bytes: Uint8Array): string {
  const message = new Reply(Buffer.from(bytes));
  const code = message.i32(OUT_HEADER.at.error - OUT_HEADER.size);
  return `! ${NOTIFICATION_NAMES.get(code) ?? code} ${message.u64(0)}`;
}

export function traceReply(request: Request, reply: Reply): string {
  const error = -reply.i32(OUT_HEADER.at.error - OUT_HEADER.size);
  const head = `< ${request.unique} ${nameOf(request)}`;
  if (error !== 0) return `${head} ${ERRNO_NAMES.get(error) ?? error}`;
  const name = opcodeName(request.opcode);
  const message = name === undefined ? undefined : MESSAGES[name];
  return [`${head} ok`, ...formatBody(reply, message?.answer, message?.answerTail)].join(' ');
}
