/** A piece of an address space, host or device. Bytes. */
export interface AddressSpan {
  readonly start: number;
  readonly length: number;
}

export function spansOverlap(one: AddressSpan, other: AddressSpan): boolean {
  return one.start < other.start + other.length && other.start < one.start + one.length;
}

export function spanContains(outer: AddressSpan, inner: AddressSpan): boolean {
  return inner.start >= outer.start && inner.start + inner.length <= outer.start + outer.length;
}
