/**
 * A booted machine: what a box serves and a test drives.
 */
import type { CxlSubsystem } from '../cxl/subsystem.ts';
import type { DaxSubsystem } from '../dax/boot.ts';
import type { Kernel } from '../driver-core/kernel.ts';
import type { DriverEvent } from '../driver-core/trace.ts';
import type { MemoryManagement } from '../mm/memory-management.ts';
import type { DaxHardware } from './dax-hardware.ts';
import type { FaultList } from './faults/fault-list.ts';

/** What {@link boot} calls back for, from the first step of the boot on. */
export interface BootListeners {
  /** At each step of the driver core: a probe, a bind, a release, a uevent. */
  onDriverEvent?(event: DriverEvent): void;
}

/** `modprobe` and `rmmod` of a machine whose profile has modules. */
export interface ModuleControl {
  /**
   * Loads `name` and what it needs; loaded already is success. ENOENT: the profile has no such
   * module.
   */
  load(name: string): void;
  /** ENOENT: not loaded; EBUSY: another module uses it. */
  unload(name: string): void;
}

/** What a workload would bring about, set by hand. */
export interface MachineDebug {
  /**
   * Says whether the memory block holds kernel data that cannot be moved: offlining it then fails
   * with EBUSY. Has no effect on a block that does not exist.
   */
  setUnmovable(block: number, unmovable: boolean): void;
}

/**
 * As much of a machine as serving its tree needs: what {@link MachineClient} and {@link uevents}
 * take. Read and write it through a client; of `kernel`, `log` (`lines()`, `subscribe()`) and
 * `uevents` (`subscribe()`) are there for programs, and its other members change without notice.
 */
export interface Machine {
  /** The kernel: its tree, log, uevents and pending work. */
  readonly kernel: Kernel;
  /** Absent: everything is built in. */
  readonly modules?: ModuleControl | undefined;
  readonly debug?: MachineDebug | undefined;
  /** Absent: the machine has no dax devices, or says nothing about their memory. */
  readonly daxHardware?: DaxHardware | undefined;
  /** Absent: the machine has no memory devices that answer ioctl(2). */
  readonly cxl?: Pick<CxlSubsystem, 'memdevs' | 'config'> | undefined;
}

/**
 * What {@link boot} gives: a machine with the objects that its tree stands for. `mm`, `dax` and
 * `cxl` are the model itself, and change without notice: use a client where sysfs says the same.
 */
export interface BootedMachine extends Machine {
  readonly mm: MemoryManagement;
  readonly dax: DaxSubsystem;
  readonly cxl: CxlSubsystem;
  /** What goes wrong on purpose; `/sys/kernel/debug/cxlbox/fault` */
  readonly faults: FaultList;
}
