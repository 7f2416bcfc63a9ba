/**
 * Choices out of one number: each takes a digit of it, in a base as large as there are candidates.
 * Shrinking the number towards 0 shrinks every choice towards the first candidate.
 */
export class Chooser {
  private rest: number;

  constructor(choice: number) {
    this.rest = choice;
  }

  /** 0 up to, not including, `count`. */
  below(count: number): number {
    if (count <= 1) return 0;
    const digit = this.rest % count;
    this.rest = Math.floor(this.rest / count);
    return digit;
  }

  of<T>(candidates: readonly T[]): T | undefined {
    return candidates[this.below(candidates.length)];
  }

  /** One of a list that is known not to be empty. */
  among<T>(candidates: readonly [T, ...T[]]): T {
    return this.of(candidates) ?? candidates[0];
  }

  /** True once in `count` times; false for the number 0. */
  oneIn(count: number): boolean {
    return this.below(count) === count - 1;
  }
}
