/**
 * The performance of default DRAM, and abstract distances by comparison with it
 * (`mt_set_default_dram_perf`, `mt_perf_to_adistance`, 7.2).
 */
import type { KernelLog } from '../../driver-core/kernel-log.ts';
import type { AccessCoordinates } from '../config.ts';

const ADISTANCE_DRAM = 576;
/** DRAM nodes may differ by a tenth from the first one. */
const TOLERANCE = 10;

function usable({
  readLatency,
  writeLatency,
  readBandwidth,
  writeBandwidth,
}: AccessCoordinates): boolean {
  return readLatency + writeLatency > 0 && readBandwidth + writeBandwidth > 0;
}

function differs(a: number, b: number): boolean {
  return Math.abs(a - b) * TOLERANCE > a;
}

export class DramPerformance {
  private readonly log: KernelLog;
  private reference: AccessCoordinates | undefined;
  private disabled = false;

  constructor(log: KernelLog) {
    this.log = log;
  }

  /**
   * Data of a node with processors and memory at boot; the first is the reference, the others must
   * be like it.
   */
  offer(nid: number, data: AccessCoordinates): void {
    if (this.disabled) return;
    if (!usable(data)) {
      this.disable(nid, 'has no usable performance data');
      return;
    }
    const { reference } = this;
    if (reference === undefined) {
      this.reference = data;
      return;
    }
    const pairs: readonly (readonly [number, number])[] = [
      [reference.readLatency, data.readLatency],
      [reference.writeLatency, data.writeLatency],
      [reference.readBandwidth, data.readBandwidth],
      [reference.writeBandwidth, data.writeBandwidth],
    ];
    if (pairs.some(([a, b]) => differs(a, b)))
      this.disable(nid, 'differs too much from the default DRAM node');
  }

  private disable(nid: number, reason: string): void {
    this.disabled = true;
    this.log.print(
      'info',
      `memory-tiers: the performance of DRAM node ${nid} ${reason}, default distances are used`,
    );
  }

  /** Left to right in integers, as the kernel computes it. */
  distanceOf(data: AccessCoordinates): number | undefined {
    const { reference } = this;
    if (this.disabled || reference === undefined || !usable(data)) return undefined;
    const latency = ADISTANCE_DRAM * (data.readLatency + data.writeLatency);
    const relative = Math.floor(latency / (reference.readLatency + reference.writeLatency));
    const scaled = relative * (reference.readBandwidth + reference.writeBandwidth);
    return Math.floor(scaled / (data.readBandwidth + data.writeBandwidth));
  }
}
