/** Counted things, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A random test that can go on for as long as one likes. */
export interface Explorer {
  readonly name: string;
  /** One line for the list of explorers. */
  readonly what: string;
  /**
   * One round of a few seconds, which depends on the seed alone. Returns what it did; throws what
   * it found, with `shrink` made as short as possible, which takes long.
   */
  round(seed: number, shrink: boolean): Figures | Promise<Figures>;
}
