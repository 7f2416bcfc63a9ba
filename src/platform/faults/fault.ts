/**
 * A fault of a machine: something that goes wrong on purpose, once or again and again, until it is cleared. Poison is
 * none of these: it is a state of the media, with the kernel's own files.
 */
export const FAULT_KINDS = ['probe', 'hotplug', 'slow-online', 'removal', 'link-down'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** What `inject` was told, in one way of writing it. */
  readonly parameters: string;
  /** How often it struck so far. */
  readonly struck: number;
  /** What was broken works again. */
  clear(): void;
}
