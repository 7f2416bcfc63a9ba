/**
 * A tree of kernfs nodes, served over /dev/fuse. The kernel asks, this server answers; the rules of
 * files are those of `kernfs`, and what an attribute does is the model's.
 *
 * Layers, each using only those below it:
 * - `serve.ts`, `late-answers*.ts`: the device. All input and output is here.
 * - `server.ts`: one request in, at most one answer out. Tests drive it without a device.
 * - `*-handlers.ts`: what each request does; `handlers.ts` says which is whose.
 * - `session.ts` and its tables (nodes, handles, attributes, pollers): what the kernel holds of one
 *   mount.
 * - `wire/`: the protocol as data. `opcodes.ts` is the table of requests, `structs.ts` has their
 *   layouts; the check of lengths, the offsets of the handlers and the trace all come from them.
 *
 * Rules:
 * - A request is served whole before the next one is read, by one thread. So the model needs no
 *   locks, and nothing here is a promise. The thread must not touch a path below the mount that it
 *   serves: it would wait for itself.
 * - Both buffers live as long as the server. A request and an answer are views of them and are
 *   valid until the next `dispatch`; serving one allocates nothing but what its handler has to
 *   keep.
 * - `dispatch` never throws and never trusts a length: a malformed request is EINVAL before its
 *   body is read, and one that takes no answer gets none, whatever happens.
 * - The kernel holds a directory's lock while it waits for a LOOKUP in it. A message that needs
 *   that lock (invalidations of names), or that waits for dirty pages (of inodes), therefore goes
 *   through the second thread, and the answer that it belongs to goes behind it; one that
 *   only marks something (poll wake-ups, prune) may be sent from here.
 */
export type { Invalidation, MemoryFile, MemoryFiles } from './dax-memory.ts';
export { LateAnswers } from './late-answers.ts';
export { serve } from './serve.ts';
export type { ServerOptions } from './session.ts';
