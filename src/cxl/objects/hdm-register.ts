/**
 * The HDM decoder registers of a component: what the hardware remembers when the kernel's objects
 * come and go. A reset clears range and commit bit; ways, granularity and targets stay until the
 * next commit, and show at re-enumeration.
 */
import { FaultPoint } from '../../driver-core/fault-point.ts';
import type { EndpointDecoder, SwitchDecoder } from './decoder.ts';
import type { HpaRange } from './hpa-range.ts';

/** Passed before a decoder is programmed. */
export type ProgrammingPoint = FaultPoint<readonly [decoder: SwitchDecoder | EndpointDecoder]>;

export interface HdmRegister {
  range: HpaRange;
  interleaveWays: number;
  interleaveGranularity: number;
  /** Dport ids by position; endpoints have none. */
  targets: number[];
  committed: boolean;
  locked: boolean;
  /** Bytes of lower partitions that an endpoint's decoder skips. */
  dpaSkip: number;
  readonly programming: ProgrammingPoint;
}

/** A register after power-on: all bits zero. */
function idleRegister(): Omit<HdmRegister, 'programming'> {
  return {
    range: { start: 0, size: 0 },
    interleaveWays: 1,
    interleaveGranularity: 256,
    targets: [0],
    committed: false,
    locked: false,
    dpaSkip: 0,
  };
}

/**
 * The registers of all components of a machine, by the name of the component (PCI root or
 * function).
 */
export class HdmHardware {
  /** One point for all registers of the machine. */
  readonly programming: ProgrammingPoint = new FaultPoint();
  private readonly components = new Map<string, HdmRegister[]>();

  add(component: string, decoders: number): void {
    const { programming } = this;
    const register = (): HdmRegister => ({ ...idleRegister(), programming });
    this.components.set(component, Array.from({ length: decoders }, register));
  }

  /** The component lost its power: all its registers are as after power-on. */
  reset(component: string): void {
    for (const register of this.registersOf(component)) Object.assign(register, idleRegister());
  }

  /** Empty for a component without HDM capability. */
  registersOf(component: string): readonly HdmRegister[] {
    return this.components.get(component) ?? [];
  }
}
