/**
 * What is behind the bytes of a dax device, for the code that serves /dev/daxN.Y.
 */
import type { RegionMap } from '../cxl/address/address.ts';
import type { MemoryHardware } from '../cxl/objects/memory-hardware.ts';
import { hardwareName } from '../cxl/objects/memory-hardware.ts';
import { regionMapAt } from '../cxl/region/address-map.ts';
import type { CxlSubsystem } from '../cxl/subsystem.ts';
import type { DaxSubsystem } from '../dax/boot.ts';
import type { DaxExtent } from '../dax/dax-device.ts';
import { PAGE_SIZE } from '../units.ts';

/** A part of a dax device that one region decodes. */
export interface DaxSpan {
  /** Bytes from the start of the dax device. */
  readonly offset: number;
  readonly length: number;
  /** Host physical address of its first byte. */
  readonly hpa: number;
  readonly map: RegionMap;
}

/** The dax devices of a machine, down to the regions and memory devices that hold their bytes. */
export interface DaxHardware {
  /** What the device's ranges are now; none for an unknown device. */
  spans(name: string): readonly DaxSpan[];
  /** What the bound character driver maps; undefined while opening gives ENXIO. */
  served(name: string): readonly DaxSpan[] | undefined;
  /** Calls `changed` when either answer for a device may have changed. */
  onChange(changed: (name: string) => void): void;
  /** True for a device of dynamic capacity whose memory was taken from the host by force. */
  isLost(name: string): boolean;
  /** Calls `lost` when that happens to a device. */
  onLoss(lost: (name: string) => void): void;
  /** Calls `erased` when a memory device, by its hardware name, has erased all that it held. */
  onErase(erased: (device: string, bytes: number) => void): void;
  /** Sets the function that knows which devices programs have open or mapped. */
  askOpenOf(isOpen: (name: string) => boolean): void;
  /** Device physical addresses of poisoned 64-byte units; `device` is a hardware name. */
  poison(device: string): ReadonlySet<number>;
  /** All poison of the machine, by kernel name of the memory device. */
  allPoison(): readonly { readonly memdev: string; readonly dpa: number }[];
}

const NO_POISON: ReadonlySet<number> = new Set();

export function daxHardware(dax: DaxSubsystem, cxl: CxlSubsystem): DaxHardware {
  const spansOf = (extents: readonly DaxExtent[]): DaxSpan[] =>
    extents.flatMap(({ start, end, pageOffset }) => {
      const map = regionMapAt(cxl, start);
      return map === undefined
        ? []
        : [{ offset: pageOffset * PAGE_SIZE, length: end - start + 1, hpa: start, map }];
    });
  const hardwareOf = (device: string): MemoryHardware | undefined =>
    [...cxl.memdevs.values()].find(({ hardware }) => hardwareName(hardware.config) === device)
      ?.hardware;
  return {
    spans: (name) => spansOf(dax.deviceByNode(name)?.ranges ?? []),
    served: (name) => {
      const extents = dax.deviceByNode(name)?.served;
      return extents === undefined ? undefined : spansOf(extents);
    },
    onChange: (changed) => void dax.onRangesChanged(({ name }) => changed(name)),
    isLost: (name) => dax.deviceByNode(name)?.lost ?? false,
    onLoss: (lost) => void cxl.lossListeners.push(lost),
    onErase: (erased) =>
      void cxl.pci.security.erased.subscribe(({ config, capacity }) =>
        erased(hardwareName(config), capacity),
      ),
    askOpenOf: (isOpen) => dax.askOpenOf(isOpen),
    poison: (device) => hardwareOf(device)?.poison ?? NO_POISON,
    allPoison: () =>
      [...cxl.memdevs.values()].flatMap(({ name, hardware }) =>
        [...hardware.poison].sort((a, b) => a - b).map((dpa) => ({ memdev: name, dpa })),
      ),
  };
}
