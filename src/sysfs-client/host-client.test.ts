import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostClient } from './host-client.ts';
import type { SysfsClient } from './sysfs-client.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cxlbox-host-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Call = (client: SysfsClient, path: string) => Promise<unknown>;

const CALLS: readonly (readonly [string, Call])[] = [
  ['read', (client, path) => client.read(path)],
  ['write', (client, path) => client.write(path, '1\n')],
  ['readlink', (client, path) => client.readlink(path)],
  ['list', (client, path) => client.list(path)],
];

describe.each([false, true])('a host client, pooled %s', (pooled) => {
  it.each(CALLS)(
    'says once what is wrong, where, with the code of Node: %s',
    async (name, call) => {
      const path = join(folder, 'absent');
      await expect(call(new HostClient({ pooled }), path)).rejects.toMatchObject({
        name: 'SysfsError',
        code: 'ENOENT',
        errno: 'ENOENT',
        operation: name,
        path,
        message: `ENOENT: no such file or directory, ${name} '${path}'`,
      });
    },
  );
});
