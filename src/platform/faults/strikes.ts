/**
 * How often a fault may strike, and how often it did.
 */
export interface StrikeLimits {
  /** It lets so many occasions pass first. */
  readonly skip: number;
  /** It strikes so often; undefined: until it is cleared. */
  readonly times: number | undefined;
}

export class Strikes {
  private readonly limits: StrikeLimits;
  private passed = 0;
  private struck = 0;

  constructor(limits: StrikeLimits) {
    this.limits = limits;
  }

  get count(): number {
    return this.struck;
  }

  /** An occasion: true if the fault strikes now. */
  occasion(): boolean {
    const { skip, times = Number.POSITIVE_INFINITY } = this.limits;
    if (this.passed < skip) {
      this.passed += 1;
      return false;
    }
    if (this.struck >= times) return false;
    this.struck += 1;
    return true;
  }
}
