/**
 * Talks to the dispatch as the kernel does, for tests: builds requests by the tables of the
 * protocol, takes answers apart. No device and no mount.
 */
import { FuseServer } from '../../src/fuse/server.ts';
import type { ServerOptions } from '../../src/fuse/session.ts';
import type { Layout } from '../../src/fuse/wire/layout.ts';
import { Reply, Request } from '../../src/fuse/wire/message.ts';
import { OPCODE, type OpcodeName } from '../../src/fuse/wire/opcodes.ts';
import * as structs from '../../src/fuse/wire/structs.ts';

const HEADER = structs.IN_HEADER;

export interface Answer {
  /** 0 or a positive errno. */
  readonly error: number;
  readonly body: Reply;
}

export class FuseClient {
  readonly server: FuseServer;
  readonly notifications: Buffer[] = [];
  private unique = 2;

  constructor(options: Omit<ServerOptions, 'now'>) {
    const now = () => ({ seconds: 1000, nanoseconds: 5 });
    this.server = new FuseServer({ now, ...options }, (message) => {
      this.notifications.push(Buffer.from(message));
      return true;
    });
  }

  /** Sends a request; `fields` by the names of `shape`. Undefined: no answer. */
  ask(
    name: OpcodeName | number,
    nodeId: number,
    shape?: Layout,
    fields: Record<string, number> = {},
    tail = '',
  ): Answer | undefined {
    const size = shape?.size ?? 0;
    const request = new Request(this.server.input);
    this.server.input.fill(0, 0, HEADER.size + size + tail.length);
    const length = HEADER.size + size + tail.length;
    const header = {
      len: length,
      opcode: typeof name === 'number' ? name : OPCODE[name],
      unique: this.unique,
      nodeid: nodeId,
    };
    for (const { name: field, type, offset } of HEADER.fields)
      this.set(request, type, offset - HEADER.size, header, field);
    for (const { name: field, type, offset } of shape?.fields ?? [])
      this.set(request, type, offset, fields, field);
    request.setText(size, tail);
    this.unique += 2;
    const bytes = this.server.dispatch(length);
    return bytes === undefined ? undefined : this.answer(Buffer.from(bytes));
  }

  /**
   * Sends `message` as it is, with `behind` in all of the buffer behind it. Undefined: no answer.
   */
  send(message: Uint8Array, behind: number): Buffer | undefined {
    this.server.input.fill(behind);
    this.server.input.set(message);
    const bytes = this.server.dispatch(message.length);
    return bytes === undefined ? undefined : Buffer.from(bytes);
  }

  private set(
    request: Request,
    type: string,
    offset: number,
    values: Record<string, number>,
    field: string,
  ): void {
    const value = values[field] ?? 0;
    if (type === 'u64') request.setU64(offset, value);
    else if (type === 'u16') request.setU16(offset, value);
    else request.setU32(offset, value);
  }

  private answer(bytes: Buffer): Answer {
    const body = new Reply(bytes);
    body.length = bytes.length;
    return {
      error: Math.abs(body.i32(structs.OUT_HEADER.at.error - structs.OUT_HEADER.size)),
      body,
    };
  }

  private must(answer: Answer | undefined): Reply {
    if (answer === undefined) throw new Error('no answer');
    if (answer.error !== 0)
      throw Object.assign(new Error(`errno ${answer.error}`), { errno: answer.error });
    return answer.body;
  }

  /** Node number at `path` below the root. Throws with `errno`. */
  walk(path: string): number {
    let at = 1;
    for (const name of path.split('/').filter((part) => part !== '')) {
      at = this.must(this.ask('LOOKUP', at, undefined, {}, `${name}\0`)).u64(
        structs.ENTRY_OUT.at.nodeid,
      );
    }
    return at;
  }

  open(path: string, flags = 0): number {
    return this.must(this.ask('OPEN', this.walk(path), structs.OPEN_IN, { flags })).u64(
      structs.OPEN_OUT.at.fh,
    );
  }

  read(fh: number, offset = 0, size = 4096): string {
    const body = this.must(this.ask('READ', 0, structs.READ_IN, { fh, offset, size }));
    return body.text(0, body.bodySize);
  }

  write(fh: number, text: string, offset = 0): number {
    const answer = this.ask('WRITE', 0, structs.WRITE_IN, { fh, offset, size: text.length }, text);
    return this.must(answer).u32(structs.WRITE_OUT.at.size);
  }

  list(path: string, size = 4096): { name: string; ino: number; type: number }[] {
    const fh = this.must(this.ask('OPENDIR', this.walk(path), structs.OPEN_IN)).u64(
      structs.OPEN_OUT.at.fh,
    );
    const entries: { name: string; ino: number; type: number }[] = [];
    for (let offset = 0; ; offset = entries.length) {
      const body = this.must(this.ask('READDIR', 0, structs.READ_IN, { fh, offset, size }));
      if (body.bodySize === 0) break;
      for (let at = 0; at < body.bodySize; ) {
        const length = body.u32(at + structs.DIRENT.at.namelen);
        const name = body.text(at + structs.DIRENT.size, length);
        entries.push({
          name,
          ino: body.u64(at + structs.DIRENT.at.ino),
          type: body.u32(at + structs.DIRENT.at.type),
        });
        at += Math.ceil((structs.DIRENT.size + length) / 8) * 8;
      }
    }
    this.ask('RELEASEDIR', 0, structs.RELEASE_IN, { fh });
    return entries;
  }
}
