/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 up to, not including, `count`. */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  /** 32 bits. */
  word(): number {
    return this.below(2 ** 32);
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  of<T>(candidates: readonly [T, ...T[]]): T {
    return candidates[this.below(candidates.length)] ?? candidates[0];
  }

  /** Undefined if there are none. */
  from<T>(candidates: readonly T[]): T | undefined {
    return candidates[this.below(candidates.length)];
  }
}
