/**
 * Requests about names and nodes.
 */
import type { HeldNode } from './node-table.ts';
import type { Handler, Session } from './session.ts';
import type { Reply } from './wire/message.ts';
import {
  ATTR_OUT,
  ATTR_OUT_ATTR,
  BATCH_FORGET_IN,
  ENTRY_OUT,
  ENTRY_OUT_ATTR,
  FORGET_IN,
  FORGET_ONE,
} from './wire/structs.ts';

/**
 * Attributes change only by SETATTR, which goes through the kernel that caches them: a node whose
 * mode the model changes is created again, under a new number.
 */
const ATTRIBUTE_SECONDS = 3600;
/** Of a name, until it is taken back (leases.ts). */
const LEASE_SECONDS = 3600;

function writeEntry(session: Session, reply: Reply, held: HeldNode): void {
  reply.body(ENTRY_OUT.size);
  reply.setU64(ENTRY_OUT.at.nodeid, held.id);
  reply.setU64(ENTRY_OUT.at.entry_valid, held.leased ? LEASE_SECONDS : 0);
  reply.setU64(ENTRY_OUT.at.attr_valid, ATTRIBUTE_SECONDS);
  session.attributes.write(reply, ENTRY_OUT_ATTR, held);
}

function writeAttributes(session: Session, reply: Reply, held: HeldNode): void {
  reply.body(ATTR_OUT.size);
  reply.setU64(ATTR_OUT.at.attr_valid, ATTRIBUTE_SECONDS);
  session.attributes.write(reply, ATTR_OUT_ATTR, held);
}

/** ENOENT is answered without a timeout: a missing name may appear at any time. */
export const lookup: Handler = (session, request, reply) => {
  const parent = session.nodes.get(request.nodeId);
  if (parent === undefined) return 'ENOENT';
  const { node } = parent;
  if (node.kind !== 'directory') return 'ENOTDIR';
  if (!node.active) return 'ENOENT';
  const child = node.lookup(request.name(0));
  if (child === undefined) return 'ENOENT';
  const held = session.nodes.lookup(parent, child);
  held.leased ||= session.leases !== undefined && session.options.leasing?.() === true;
  writeEntry(session, reply, held);
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
  writeAttributes(session, reply, held);
  return 'ok';
};

export const setattr: Handler = (session, request, reply) => {
  const held = session.nodes.get(request.nodeId);
  if (held === undefined) return 'ENOENT';
  session.attributes.change(request, held.node);
  writeAttributes(session, reply, held);
  return 'ok';
};

export const readlink: Handler = (session, request, reply) => {
  const node = session.nodes.get(request.nodeId)?.node;
  if (node === undefined || !node.active) return 'ENOENT';
  if (node.kind !== 'link') return 'EINVAL';
  const target = node.read();
  reply.setText(0, target);
  reply.setBodySize(target.length);
  return 'ok';
};
