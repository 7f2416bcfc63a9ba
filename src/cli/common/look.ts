/**
 * Reading for a view, which shows what there is: what is missing or unreadable is no error.
 */
import { type SysfsClient, SysfsError } from '../../sysfs-client/sysfs-client.ts';

/** The trimmed content, or undefined where the file is missing or unreadable. */
export async function look(client: SysfsClient, path: string): Promise<string | undefined> {
  try {
    return (await client.read(path)).trim();
  } catch (error) {
    if (error instanceof SysfsError) return undefined;
    throw error;
  }
}

export async function names(client: SysfsClient, path: string): Promise<string[]> {
  try {
    return await client.list(path);
  } catch (error) {
    if (error instanceof SysfsError) return [];
    throw error;
  }
}

export async function linkName(client: SysfsClient, path: string): Promise<string | undefined> {
  try {
    return (await client.readlink(path)).split('/').at(-1);
  } catch (error) {
    if (error instanceof SysfsError) return undefined;
    throw error;
  }
}
