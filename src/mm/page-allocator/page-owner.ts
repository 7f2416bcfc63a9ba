/**
 * Who has pages: a workload, the memmap of an added range, the kernel at boot. The id of an owner
 * is what the page state holds; ids of dead owners are given again.
 */
import { BLOCK_USE } from './block-table.ts';
import type { PageKind } from './page-kind.ts';
import { POISON_KIND } from './page-kind.ts';

export interface PageOwner {
  readonly id: number;
  /** For the log: whose pages these are, `workload 'db'`. */
  readonly label: string;
  readonly kind: PageKind;
}

/** Codes of a block's use come first (`BLOCK_USE`). */
const FIRST_ID = Math.max(...Object.values(BLOCK_USE)) + 1;

export class PageOwners {
  private readonly owners = new Map<number, PageOwner>();
  private readonly spareIds: number[] = [];
  private nextId = FIRST_ID;
  /** Pages taken out of use for good. */
  readonly poison = this.create('a hardware-poisoned page', POISON_KIND);

  create(label: string, kind: PageKind): PageOwner {
    const id = this.spareIds.pop() ?? this.nextId++;
    const owner = { id, label, kind };
    this.owners.set(id, owner);
    return owner;
  }

  /** The owner must have no pages any more. */
  delete(owner: PageOwner): void {
    if (this.owners.delete(owner.id)) this.spareIds.push(owner.id);
  }

  get(id: number): PageOwner {
    const owner = this.owners.get(id);
    if (owner === undefined) throw new RangeError(`no page owner ${id}`);
    return owner;
  }
}
