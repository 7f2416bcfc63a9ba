/**
 * Managed resources of a device (`drivers/base/devres.c`): undo actions, run in strict reverse
 * order of registration.
 */
export interface DevresEntry {
  readonly label: string;
  readonly undo: () => void;
}

export class Devres {
  private entries: DevresEntry[] = [];

  get empty(): boolean {
    return this.entries.length === 0;
  }

  /**
   * devm_add_action(): `undo` runs when the owner's driver is released, or earlier through
   * `release`.
   */
  add(label: string, undo: () => void): DevresEntry {
    const entry: DevresEntry = { label, undo };
    this.entries.push(entry);
    return entry;
  }

  /**
   * devm_release_action(): runs the undo now and forgets it. An entry that already ran is ignored.
   */
  release(entry: DevresEntry): void {
    if (this.forget(entry)) entry.undo();
  }

  /** devm_remove_action(): forgets without running. False if it was not there. */
  forget(entry: DevresEntry): boolean {
    const index = this.entries.indexOf(entry);
    if (index < 0) return false;
    this.entries.splice(index, 1);
    return true;
  }

  /** Releases all that was added after `mark` (see `mark()`), last first: a devres group. */
  releaseTo(mark: number): void {
    while (this.entries.length > mark) this.entries.pop()?.undo();
  }

  /** The place where a devres group opens. */
  mark(): number {
    return this.entries.length;
  }

  /** devres_release_all(): last first; an undo may release others meanwhile. */
  releaseAll(): void {
    this.releaseTo(0);
  }
}
