/**
 * Whether the driver that a region names can take it.
 */
import { DRIVER_NAMES } from '../faults/driver-names.ts';
import { ABI_PROFILES, type AbiProfile, PROFILES } from '../profiles/index.ts';
import { suggestion } from './did-you-mean.ts';
import { shortened } from './error.ts';
import type { RegionDescription } from './types.ts';

/** The driver of regions that are not volatile. */
const ANY_TYPE = 'cxl_region';

/** The drivers that `regionN` can be bound to. */
function regionDrivers(abi: AbiProfile): string[] {
  return PROFILES[abi].regionDrivers
    .filter(({ takes }) => takes === 'region')
    .map(({ name }) => name);
}

/** Undefined: nothing is wrong. */
export function regionDriverProblem(
  { driver, type }: RegionDescription,
  abi: AbiProfile,
): string | undefined {
  if (driver === undefined) return undefined;
  const names = regionDrivers(abi);
  const found = `found '${shortened(driver)}'`;
  if (names.includes(driver)) {
    return type !== 'pmem' || driver === ANY_TYPE
      ? undefined
      : `${found}, which does not take regions of type pmem, expected ${ANY_TYPE}`;
  }
  const profile = ABI_PROFILES.find((each) => regionDrivers(each).includes(driver));
  const others = `expected one of ${[...names, 'none'].join(', ')}`;
  if (profile !== undefined)
    return `${found}, which abi ${abi} does not have, ${others}, or abi: ${profile}`;
  if (DRIVER_NAMES.some((each) => each === driver))
    return `${found}, which is not a driver of regions, ${others}`;
  return `${found}, which is not a driver${suggestion(driver, [...names, 'none'])}`;
}
