/**
 * The explorers: a line for each. What they do is beside the tests that do a little of it in every
 * run.
 */
import type { AbiProfile } from '../../src/platform/profiles/index.ts';
import { USERS, type Who } from '../box/box-process.ts';
import { findStaleNames } from '../box/stale-names.ts';
import { checkFaults } from '../properties/faults.ts';
import { checkIdleRestored, checkUnbindRestores } from '../properties/restores.ts';
import { checkSequences } from '../properties/sequences.ts';
import type { Explorer } from './explorer.ts';
import { exploreFuseMessages } from './fuse-messages.ts';
import { exploreRegions } from './regions.ts';

/** Seeds alternate between the profiles. */
function profileOf(seed: number): AbiProfile {
  return seed % 2 === 0 ? 'explicit-region-drivers-v1' : 'mainline-7.2';
}

/** Of the box and not of the model, so what it finds depends on the machine's timing too. */
function namesExplorer(who: Who): Explorer {
  return {
    name: 'names',
    what: 'programs in a box look for names that are stale, while the machine changes',
    round: async (seed) => {
      const search = { who, names: 'leased', operations: 1500, readers: 16, seed } as const;
      const { operations, probes, wrong } = await findStaleNames(search);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return { operations, probes };
    },
  };
}

export const EXPLORERS: readonly Explorer[] = [
  {
    name: 'sequences',
    what: 'random operations; the machine stays sound, a fresh one repeats them',
    round: (seed, shrink) => checkSequences(profileOf(seed), { seed, runs: 8, shrink }),
  },
  {
    name: 'faults',
    what: 'the same with faults injected and cleared in between',
    round: (seed, shrink) => checkFaults(profileOf(seed), { seed, runs: 8, shrink }),
  },
  {
    name: 'unbinding',
    what: 'unbinding a driver gives back the tree before it was bound',
    round: (seed, shrink) => checkUnbindRestores(profileOf(seed), { seed, runs: 20, shrink }),
  },
  {
    name: 'deleting',
    what: 'deleting all regions gives back the idle tree',
    round: (seed, shrink) => checkIdleRestored(profileOf(seed), { seed, runs: 20, shrink }),
  },
  {
    name: 'fuse-messages',
    what: 'random and damaged messages to the FUSE server',
    round: (seed) => {
      const { messages, succeeded } = exploreFuseMessages(seed, 20_000);
      return { ...messages, succeeded };
    },
  },
  {
    name: 'regions',
    what: 'machine files with random regions: the parser refuses what does not boot, no more',
    round: (seed) => ({ ...exploreRegions(seed, 1000) }),
  },
  ...USERS.slice(0, 1).map(namesExplorer),
];
