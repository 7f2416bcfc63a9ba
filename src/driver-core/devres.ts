/**
 * Managed resources of a device (`drivers/base/devres.c`): undo actions, run in strict reverse
 * order of registration.
 */
export interface DevresEntry {
  readonly label: string;
  readonly undo: () => void;
}

/** A list of its own, the last first: most of the devices have none or one. */
interface Held extends DevresEntry {
  before: Held | undefined;
}

export class Devres {
  private last: Held | undefined;
  private count = 0;

  get empty(): boolean {
    return this.last === undefined;
  }

  /**
   * devm_add_action(): `undo` runs when the owner's driver is released, or earlier through
   * `release`.
   */
  add(label: string, undo: () => void): DevresEntry {
    this.last = { label, undo, before: this.last };
    this.count += 1;
    return this.last;
  }

  /**
   * devm_release_action(): runs the undo now and forgets it. An entry that already ran is ignored.
   */
  release(entry: DevresEntry): void {
    if (this.forget(entry)) entry.undo();
  }

  /** devm_remove_action(): forgets without running. False if it was not there. */
  forget(entry: DevresEntry): boolean {
    let after: Held | undefined;
    for (let at = this.last; at !== undefined; after = at, at = at.before) {
      if (at !== entry) continue;
      if (after === undefined) this.last = at.before;
      else after.before = at.before;
      this.count -= 1;
      return true;
    }
    return false;
  }

  /** Releases all that was added after `mark` (see `mark()`), last first: a devres group. */
  releaseTo(mark: number): void {
    while (this.count > mark) {
      const { last } = this;
      if (last === undefined) return;
      this.last = last.before;
      this.count -= 1;
      last.undo();
    }
  }

  /** The place where a devres group opens. */
  mark(): number {
    return this.count;
  }

  /** devres_release_all(): last first; an undo may release others meanwhile. */
  releaseAll(): void {
    this.releaseTo(0);
  }
}
