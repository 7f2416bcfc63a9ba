/**
 * Every property of a test run draws from one seed, so that a run fails only for what was changed.
 * `CXLBOX_SEED` sets another; `npm run explore` draws new ones.
 */
import fc from 'fast-check';
import { SEED } from './properties/seed.ts';

fc.configureGlobal({ seed: SEED });
