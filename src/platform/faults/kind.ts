/**
 * A kind of fault that can be injected. The command line loads every kind to declare its commands,
 * so a kind imports types of the model and none of its values: what it needs it is given.
 */
import type { CxlSubsystem } from '../../cxl/subsystem.ts';
import type { Device } from '../../driver-core/device.ts';
import type { Kernel } from '../../driver-core/kernel.ts';
import type { MemoryManagement } from '../../mm/memory-management.ts';
import type { FaultDeclaration } from './declaration.ts';
import type { FaultParameters } from './parameters.ts';

/** Before anything probes. */
export interface AtStart {
  readonly kernel: Kernel;
  /** Every name that people may call a device by. */
  namesOf(named: Pick<Device, 'name' | 'object'>): readonly string[];
}

/** Memory management is there, no memory was added yet. */
export interface WithMemory extends AtStart {
  readonly mm: MemoryManagement;
}

/** The CXL side is there, regions of the machine file are not. */
export interface WithCxl extends WithMemory {
  readonly cxl: CxlSubsystem;
}

/** The boot is done. */
export interface AtEnd extends WithCxl {
  readonly unplug: typeof import('../../cxl/firmware/hot-unplug.ts');
}

/** How far the boot has to be for faults of a kind, in order. */
export interface Stages {
  readonly start: AtStart;
  readonly memory: WithMemory;
  readonly cxl: WithCxl;
  readonly end: AtEnd;
}
export type Stage = keyof Stages;

/** A fault that is in effect. */
export interface FaultEffect {
  /** What it is about, where that is listed in another way than it was written. */
  readonly operand?: string;
  /** How often it struck so far. */
  struck(): number;
  /** What was broken works again. */
  clear(): void;
}

export interface KindAt<S extends Stage> extends FaultDeclaration {
  readonly stage: S;
  /** Makes the fault with this number, in effect at once. Throws KernelError. */
  make(at: Stages[S], parameters: FaultParameters, number: number): FaultEffect;
}

export type FaultKind = { readonly [S in Stage]: KindAt<S> }[Stage];
