/**
 * A folder of shared devices for one test, and the hosts that have them attached there.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import type { Who } from './box-process.ts';
import { Host } from './shared-host.ts';

export class SharedRoot {
  readonly path = mkdtempSync('/dev/shm/cxlbox-test-');
  private readonly hosts: Host[] = [];

  constructor() {
    // Like /dev/shm: hosts of both users make their devices in it.
    chmodSync(this.path, 0o1777);
  }

  /** `args` are those of `cxlbox run` before the command. */
  start(who: Who, ...args: readonly string[]): Host {
    const host = new Host(who, { root: this.path, args });
    this.hosts.push(host);
    return host;
  }

  /** Ends all hosts. Fails if one of them leaves anything in the folder. */
  async leave(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.leave()));
    const left = readdirSync(this.path);
    rmSync(this.path, { recursive: true });
    expect(left).toEqual([]);
  }
}
