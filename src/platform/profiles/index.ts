/**
 * All ABI profiles, in the order of documentation and messages. To add one, write a file of its own
 * and list it here.
 */
import { EXPLICIT_REGION_DRIVERS_V1 } from './explicit-region-drivers-v1.ts';
import { MAINLINE_7_2 } from './mainline-7.2.ts';
import type { Profile } from './profile.ts';

const TABLE = {
  'mainline-7.2': MAINLINE_7_2,
  'explicit-region-drivers-v1': EXPLICIT_REGION_DRIVERS_V1,
} as const;

/** Which kernel the machine behaves as. */
export type AbiProfile = keyof typeof TABLE;

export const PROFILES: Readonly<Record<AbiProfile, Profile>> = TABLE;
export const ABI_PROFILES = Object.keys(TABLE) as readonly AbiProfile[];

/** Of a machine file that names none. */
export const DEFAULT_PROFILE: AbiProfile = 'explicit-region-drivers-v1';
