/**
 * Which programs of the box have a file open or mapped, by what /proc tells of each. Nothing here follows a link of /proc:
 * it might lead into the mount that this thread serves.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** What `read` gives, or nothing of a process that has ended or belongs to somebody else. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** True if a line of /proc/PID/maps is of the inode; `maps` names devices as HEX:HEX, which stat does not. */
function maps(folder: string, inode: bigint, paths: readonly string[]): boolean {
  const text = attempt(() => readFileSync(`${folder}/maps`, 'latin1')) ?? '';
  return text.split('\n').some((line) => {
    const [, , , , number, ...path] = line.split(/ +/);
    return number === String(inode) && paths.some((each) => path.join(' ').startsWith(each));
  });
}

function opens(folder: string, paths: readonly string[]): boolean {
  const descriptors = attempt(() => readdirSync(`${folder}/fd`)) ?? [];
  return descriptors.some((each) => {
    const target = attempt(() => readlinkSync(`${folder}/fd/${each}`));
    return target !== undefined && paths.includes(target);
  });
}

/** `path` is the file, `name` the second name by which programs open it. This process itself does not count. */
export function isInUse(path: string, name: string, proc = '/proc'): boolean {
  const { ino } = statSync(path, { bigint: true });
  const paths = [path, name];
  return readdirSync(proc)
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .some((pid) => maps(`${proc}/${pid}`, ino, paths) || opens(`${proc}/${pid}`, paths));
}
