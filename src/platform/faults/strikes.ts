/**
 * Faults that strike at occasions: how often they may, and how often they did.
 */
import type { FaultOption } from './declaration.ts';
import type { FaultParameters } from './parameters.ts';

/** What every such kind takes. */
export const STRIKE_OPTIONS: readonly FaultOption[] = [
  {
    key: 'times',
    value: { type: 'number', least: 1 },
    about: 'strike so often; without, until it is cleared',
  },
  {
    key: 'skip',
    value: { type: 'number', least: 0 },
    about: 'let so many occasions pass first',
  },
];

export class Strikes {
  private readonly skip: number;
  private readonly times: number;
  private passed = 0;
  private struck = 0;

  constructor({ options }: FaultParameters) {
    this.skip = Number(options.get('skip') ?? 0);
    this.times = Number(options.get('times') ?? Number.POSITIVE_INFINITY);
  }

  get count(): number {
    return this.struck;
  }

  /** An occasion: true if the fault strikes now. */
  occasion(): boolean {
    if (this.passed < this.skip) {
      this.passed += 1;
      return false;
    }
    if (this.struck >= this.times) return false;
    this.struck += 1;
    return true;
  }
}
