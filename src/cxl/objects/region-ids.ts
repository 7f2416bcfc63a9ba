/**
 * Region ids: one allocator for the whole machine (`lib/memregion.c`). Every root decoder holds one
 * id in advance, so that `create_ram_region` can say which name it will accept.
 */
import { Ida } from '../../driver-core/ida.ts';

export class RegionIds {
  private readonly ida = new Ida();

  /** memregion_alloc(): the lowest free id of the machine. */
  allocate(): number {
    return this.ida.allocate();
  }

  /** memregion_free() */
  free(id: number): void {
    this.ida.free(id);
  }
}
