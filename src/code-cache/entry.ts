/**
 * One file of the cache: the compiled code of one file, and the very text that it was compiled
 * from. An entry is used for that text only, so it is right whatever happened to the file since.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Magic number, length of the text. */
const HEADER = 8;
const MAGIC = 0x43584c31;

/** FNV-1a, in 32 bits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

/**
 * The name of an entry. What it is made of only keeps different processes from replacing one
 * another's; V8 itself refuses code of another version, or made with other flags.
 */
export function entryName(file: string): string {
  const { version, arch, execArgv, env } = process;
  const flags = [...execArgv, env.NODE_OPTIONS ?? ''];
  return `${hash([file, version, arch, ...flags].join('\0'))}.code`;
}

/** Compiled code of `text`; undefined: there is none. */
export function readEntry(folder: string, name: string, text: Buffer): Buffer | undefined {
  try {
    const bytes = readFileSync(join(folder, name));
    if (bytes.length < HEADER + text.length) return undefined;
    if (bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== text.length) return undefined;
    const end = HEADER + text.length;
    return text.equals(bytes.subarray(HEADER, end)) ? bytes.subarray(end) : undefined;
  } catch {
    return undefined;
  }
}

/** Others see all of it or nothing. Does nothing where it cannot be written. */
export function writeEntry(folder: string, name: string, text: Buffer, code: Buffer): void {
  const path = join(folder, name);
  const part = `${path}.${process.pid}.${Date.now().toString(36)}`;
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(text.length, 4);
  try {
    writeFileSync(part, Buffer.concat([header, text, code]), { mode: 0o600, flag: 'wx' });
    renameSync(part, path);
  } catch {
    rmSync(part, { force: true });
  }
}
