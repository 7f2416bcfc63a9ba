/**
 * Requests about names and nodes.
 */
import type { HeldNode } from './node-table.ts';
import type { Handler, Session } from './session.ts';
import type { Reply, Request } from './wire/message.ts';
import {
  ATTR_OUT,
  ATTR_OUT_ATTR,
  BATCH_FORGET_IN,
  ENTRY_OUT,
  ENTRY_OUT_ATTR,
  FORGET_IN,
  FORGET_ONE,
  IN_HEADER,
} from './wire/structs.ts';

/**
 * Attributes change only by SETATTR, which goes through the kernel that caches them: a node whose
 * mode the model changes is created again, under a new number.
 */
const ATTRIBUTE_SECONDS = 3600;
/** Of a name, until it is taken back (leases.ts). */
const LEASE_SECONDS = 3600;
const THREAD_AT = IN_HEADER.at.pid - IN_HEADER.size;

/** True if the request may come from a leased name of a node that is gone: ESTALE. */
export function sentBack(session: Session, request: Request, held: HeldNode): boolean {
  return session.leases?.sendsBack(held, request.u32(THREAD_AT)) === true;
}

/** What is told of a removed node is asked for each time. */
function attributeSeconds(session: Session, { node }: HeldNode): number {
  return session.leases === undefined || node.active ? ATTRIBUTE_SECONDS : 0;
}

function writeEntry(session: Session, reply: Reply, held: HeldNode): void {
  reply.body(ENTRY_OUT.size);
  reply.setU64(ENTRY_OUT.at.nodeid, held.id);
  reply.setU64(ENTRY_OUT.at.entry_valid, session.leases === undefined ? 0 : LEASE_SECONDS);
  reply.setU64(ENTRY_OUT.at.attr_valid, ATTRIBUTE_SECONDS);
  session.attributes.write(reply, ENTRY_OUT_ATTR, held);
}

function writeAttributes(session: Session, reply: Reply, held: HeldNode): void {
  reply.body(ATTR_OUT.size);
  reply.setU64(ATTR_OUT.at.attr_valid, attributeSeconds(session, held));
  session.attributes.write(reply, ATTR_OUT_ATTR, held);
}

/** ENOENT is answered without a timeout: a missing name may appear at any time. */
export const lookup: Handler = (session, request, reply) => {
  session.leases?.lookedUp(request.u32(THREAD_AT));
  const parent = session.nodes.get(request.nodeId);
  if (parent === undefined) return 'ENOENT';
  const { node } = parent;
  if (node.kind !== 'directory') return 'ENOTDIR';
  if (!node.active) return 'ENOENT';
  const child = node.lookup(request.name(0));
  if (child === undefined) return 'ENOENT';
  writeEntry(session, reply, session.nodes.lookup(parent, child));
  return 'ok';
};

export const forget: Handler = (session, request) => {
  session.nodes.forget(request.nodeId, request.u64(FORGET_IN.at.nlookup));
  return 'ok';
};

export const batchForget: Handler = (session, request) => {
  const count = request.u32(BATCH_FORGET_IN.at.count);
  for (let i = 0; i < count; i += 1) {
    const offset = BATCH_FORGET_IN.size + i * FORGET_ONE.size;
    session.nodes.forget(
      request.u64(offset + FORGET_ONE.at.nodeid),
      request.u64(offset + FORGET_ONE.at.nlookup),
    );
  }
  return 'ok';
};

/** Answers for a removed node too: an open file of it can still be fstat-ed. */
export const getattr: Handler = (session, request, reply) => {
  const held = session.nodes.get(request.nodeId);
  if (held === undefined) return 'ENOENT';
  if (sentBack(session, request, held)) return 'ESTALE';
  writeAttributes(session, reply, held);
  return 'ok';
};

export const setattr: Handler = (session, request, reply) => {
  const held = session.nodes.get(request.nodeId);
  if (held === undefined) return 'ENOENT';
  if (sentBack(session, request, held)) return 'ESTALE';
  session.attributes.change(request, held.node);
  writeAttributes(session, reply, held);
  return 'ok';
};

export const readlink: Handler = (session, request, reply) => {
  const held = session.nodes.get(request.nodeId);
  if (held === undefined) return 'ENOENT';
  if (sentBack(session, request, held)) return 'ESTALE';
  const { node } = held;
  if (!node.active) return 'ENOENT';
  if (node.kind !== 'link') return 'EINVAL';
  const target = node.read();
  reply.setText(0, target);
  reply.setBodySize(target.length);
  return 'ok';
};
