/**
 * Which shared devices a box has, as it tells the thread that keeps their contents.
 */
/**
 * The shared devices of a machine, which its host is attached to; they lie in a folder each, called
 * as the device.
 */
export interface SharedMemory {
  readonly root: string;
  /** What other hosts call this one. */
  readonly host: string;
  readonly devices: readonly {
    /**
     * What the machine calls the device wherever its contents are concerned: see hardwareName().
     */
    readonly hardware: string;
    /** What the hosts call it. */
    readonly name: string;
  }[];
}
