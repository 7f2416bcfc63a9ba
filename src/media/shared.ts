/**
 * Dax devices on shared memory: the file of one is the media itself, in `direct` and `checked`
 * machines alike, since only one file is coherent between boxes. All other dax devices are left to
 * the contents of the machine's own mode.
 *
 * Nothing of a shared device is remembered here: any other host may have cut and joined its pieces
 * since.
 */
import type { DeviceNode } from '../driver-core/devtmpfs.ts';
import type { KernelLog } from '../driver-core/kernel-log.ts';
import { systemCallErrno } from '../errno.ts';
import type { DaxHardware } from '../platform/dax-hardware.ts';
import type { Directory } from '../shared-devices/directory.ts';
import { ClaimRefusedError, MemberDevice, SharedDeviceError } from '../shared-devices/index.ts';
import type { DaxFile, DaxFiles } from './dax-files.ts';
import { MediaPieces } from './pieces.ts';
import type { SharedMemory } from './shared-memory.ts';
import { type MediaRange, onePlace, rangesOf } from './store.ts';
import { makeUnopenable } from './unopenable-file.ts';
import { isInUse } from './users.ts';

/** What a dax device on shared memory was given. */
interface Given {
  /** The ranges that it had then. */
  readonly ranges: string;
  /** Undefined: refused. */
  readonly file?: {
    readonly device: MemberDevice;
    readonly place: MediaRange;
    readonly path: string;
  };
}

/** Errors that can prevent a claim or its release; any other error is a bug. */
function reasonOf(error: unknown): string {
  const expected =
    error instanceof ClaimRefusedError ||
    error instanceof SharedDeviceError ||
    systemCallErrno(error) !== undefined;
  if (!(expected && error instanceof Error)) throw error;
  return error.message;
}

function withPieces<T>(folder: Directory, work: (pieces: MediaPieces) => T): T {
  const pieces = new MediaPieces(folder);
  try {
    return work(pieces);
  } finally {
    pieces.close();
  }
}

export class SharedDaxFiles implements DaxFiles {
  private readonly hardware: DaxHardware;
  private readonly others: DaxFiles;
  private readonly log: KernelLog;
  /** What all devices get that are refused. */
  private readonly unopenable: string;
  /** By hardware name. */
  private readonly devices: ReadonlyMap<string, MemberDevice>;
  /** Dax devices on shared memory that are there now. */
  private readonly given = new Map<string, Given>();
  private readonly listeners: ((name: string) => void)[] = [];

  /** `stage`: a folder of the box; SharedDeviceError: the host is not attached to the devices. */
  constructor(
    { root, host, devices }: SharedMemory,
    hardware: DaxHardware,
    others: DaxFiles,
    log: KernelLog,
    stage: string,
  ) {
    this.hardware = hardware;
    this.others = others;
    this.log = log;
    this.unopenable = `${stage}/unopenable`;
    makeUnopenable(this.unopenable);
    this.devices = new Map(
      devices.map(({ hardware, name }) => [hardware, new MemberDevice(root, name, host)]),
    );
  }

  attach(node: DeviceNode): DaxFile | undefined {
    const { name } = node;
    const spans = this.hardware.spans(name);
    if (!spans.some(({ map }) => map.targets.some(({ device }) => this.devices.has(device))))
      return this.others.attach(node);
    // Another host may have it by now.
    if (this.hardware.isLost(name)) return undefined;
    const place = onePlace(spans);
    const device = place === undefined ? undefined : this.devices.get(place.device);
    const ranges = rangesOf(spans);
    this.given.set(name, { ranges });
    if (place === undefined || device === undefined)
      return this.refuse(
        name,
        'an interleaved device, or one of several ranges, is not a single range of shared memory',
      );
    const { start, end } = place;
    try {
      const path = device.claim({ dax: name, start, end }, (folder) =>
        withPieces(folder, (pieces) => pieces.claim(start, end)),
      );
      this.given.set(name, { ranges, file: { device, place, path } });
      return { kind: 'own', path };
    } catch (error) {
      return this.refuse(name, reasonOf(error));
    }
  }

  private refuse(name: string, why: string): DaxFile {
    this.log.print('err', `${name}: ${why}; /dev/${name} cannot be opened`);
    return { kind: 'own', path: this.unopenable };
  }

  detach(name: string): void {
    const given = this.given.get(name);
    if (given === undefined) {
      this.others.detach(name);
      return;
    }
    this.given.delete(name);
    try {
      given.file?.device.release(name);
    } catch (error) {
      this.log.print('err', `${name}: ${reasonOf(error)}`);
    }
  }

  isOpen(name: string): boolean {
    const given = this.given.get(name);
    if (given === undefined) return this.others.isOpen(name);
    return given.file !== undefined && isInUse(given.file.path, `/dev/${name}`);
  }

  /** One file serves all hosts: what others have mapped must not be taken from them. */
  lose(name: string): void {
    const given = this.given.get(name);
    if (given === undefined) {
      this.others.lose(name);
      return;
    }
    this.given.delete(name);
    if (given.file !== undefined) this.giveUp(name, given.file);
    for (const changed of this.listeners) changed(name);
  }

  private giveUp(
    name: string,
    { device, place: { start, end } }: NonNullable<Given['file']>,
  ): void {
    try {
      const alone = device.lose({ dax: name, start, end }, (folder) =>
        withPieces(folder, (pieces) => pieces.discard(start, end)),
      );
      if (alone) return;
      this.log.print(
        'warn',
        `${name}: another host has its memory too: mappings of this one go on answering`,
      );
    } catch (error) {
      this.log.print('err', `${name}: ${reasonOf(error)}`);
    }
  }

  /** A host must not erase what others have: contents of a shared device stay. */
  erase(device: string, bytes: number): void {
    const shared = this.devices.get(device);
    if (shared === undefined) this.others.erase(device, bytes);
    else
      this.log.print(
        'warn',
        `${device}: it is shared with other hosts, so its contents stay as they are`,
      );
  }

  /** A refused device is tried again whenever its driver comes or goes. */
  onChange(changed: (name: string) => void): void {
    this.listeners.push(changed);
    this.hardware.onChange((name) => {
      const given = this.given.get(name);
      if (given === undefined) return;
      if (given.file === undefined || given.ranges !== rangesOf(this.hardware.spans(name)))
        changed(name);
    });
    this.others.onChange((name) => {
      if (!this.given.has(name)) changed(name);
    });
  }
}
