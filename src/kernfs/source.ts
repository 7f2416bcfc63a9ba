/** Where the behaviour of an attribute or link is written down: docs/abi.md shows it. */
export interface Source {
  /** Below Documentation/ of the kernel; absent: nowhere. */
  readonly document?: string;
  /** Below the root of the kernel's tree, or the name of a patch series. */
  readonly code: string;
}
