/**
 * Where the files of dax devices come from, for the code that fills /dev.
 */
import type { DeviceNode } from '../driver-core/devtmpfs.ts';

/**
 * `own`: a file to give a second name; `served`: a path below the mount of the machine, not to be
 * touched from here.
 */
export interface DaxFile {
  readonly kind: 'own' | 'served';
  readonly path: string;
}

/** Makes the files that /dev/daxN.Y are, and keeps the bytes of the devices in them. */
export interface DaxFiles {
  /** The file of a dax device as it is now; undefined if it has no memory, or lost it. */
  attach(node: DeviceNode): DaxFile | undefined;
  /** The device goes. */
  detach(name: string): void;
  /** True while a program of the box has the device open or mapped. */
  isOpen(name: string): boolean;
  /**
   * The device's memory was taken by force: what programs have mapped of it answers no more,
   * whichever host gets it next.
   */
  lose(name: string): void;
  /**
   * Memory device `device` (a hardware name) was erased: all `bytes` of it. No dax device uses the
   * memory at that time.
   */
  erase(device: string, bytes: number): void;
  /** Calls `changed` when a device has to be detached and attached anew. */
  onChange(changed: (name: string) => void): void;
}
