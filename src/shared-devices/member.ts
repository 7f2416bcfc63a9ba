/**
 * A shared device as the machine of an attached host uses it, from inside the box.
 */
import { fstatSync } from 'node:fs';
import { type Claim, ClaimRefusedError, conflictOf, type HostClaim } from './claims.ts';
import { type LockedDevice, withDevice } from './device-lock.ts';
import type { Directory } from './directory.ts';
import { SharedDeviceError } from './errors.ts';
import { holdHostFile, readHost, writeHost } from './host-file.ts';
import { MEDIA } from './layout.ts';
import { withRoot } from './root.ts';

export class MemberDevice {
  readonly name: string;
  private readonly root: string;
  private readonly host: string;
  /** Open as long as this process: the host lives as long as one of its descriptors. */
  private readonly sign: number;

  /**
   * `host` is attached; from here on it lives as long as this process. CXLBOX_SHARED_FOLDER: it was
   * not.
   */
  constructor(root: string, name: string, host: string) {
    this.name = name;
    this.root = root;
    this.host = host;
    this.sign = this.ifAttached(
      ({ hosts }) => hosts.includes(host),
      ({ folder }) => holdHostFile(folder, host),
    );
  }

  private ifAttached<T>(
    isAttached: (device: LockedDevice) => boolean,
    work: (device: LockedDevice) => T,
  ): T {
    const done = withRoot(this.root, (root) =>
      withDevice(root, this.name, (device) =>
        isAttached(device) ? { answer: work(device) } : undefined,
      ),
    );
    if (done !== undefined) return done.answer;
    const why = `host '${this.host}' is not attached to ${this.root}/${this.name}; was the folder removed?`;
    throw new SharedDeviceError('CXLBOX_SHARED_FOLDER', why);
  }

  /** A host of the same name in a folder that was created again is a different host. */
  private locked<T>(work: (device: LockedDevice) => T): T {
    return this.ifAttached(() => fstatSync(this.sign).nlink > 0, work);
  }

  private otherClaims({ folder, hosts }: LockedDevice): HostClaim[] {
    return hosts
      .filter((host) => host !== this.host)
      .flatMap((host) => readHost(folder, host).claims.map((claim) => ({ ...claim, host })));
  }

  private ownClaims({ folder }: LockedDevice): readonly Claim[] {
    return readHost(folder, this.host).claims;
  }

  private write({ folder }: LockedDevice, claims: readonly Claim[]): void {
    writeHost(folder, this.host, { ...readHost(folder, this.host), claims });
  }

  /**
   * Claims a range that the host maps from now on, in place of what it claimed for the same dax
   * device. `arrange` makes the contents ready, in the folder that it is given: no other host looks
   * at them meanwhile, nor maps any part of the range with other bounds. If it throws, nothing is
   * claimed. ClaimRefusedError, SharedDeviceError, and what system calls throw.
   */
  claim<T>(claim: Claim, arrange: (media: Directory) => T): T {
    return this.locked((device) => {
      const conflict = conflictOf(claim, this.otherClaims(device));
      if (conflict !== undefined) throw new ClaimRefusedError(this.name, claim, conflict);
      const arranged = device.folder.within(MEDIA, arrange);
      this.write(device, [...this.ownClaims(device).filter(({ dax }) => dax !== claim.dax), claim]);
      return arranged;
    });
  }

  /**
   * The host was deprived of what it claimed for the dax device: releases that, after `discard`, in
   * the folder that it is given, unless another host maps a part of the range. False: one does.
   * SharedDeviceError, and what system calls throw; then nothing is released.
   */
  lose({ dax, start, end }: Claim, discard: (media: Directory) => void): boolean {
    return this.locked((device) => {
      const alone = !this.otherClaims(device).some(
        (other) => other.start < end && start < other.end,
      );
      if (alone) device.folder.within(MEDIA, discard);
      this.withdraw(device, dax);
      return alone;
    });
  }

  /** The host maps nothing for the dax device any more; the contents stay. */
  release(dax: string): void {
    this.locked((device) => this.withdraw(device, dax));
  }

  private withdraw(device: LockedDevice, dax: string): void {
    const others = this.ownClaims(device).filter((claim) => claim.dax !== dax);
    this.write(device, others);
  }
}
