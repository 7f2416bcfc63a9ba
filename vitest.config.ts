import { SkipReasons } from './test/skip-reasons.ts';
import { SlowestFirst } from './test/slowest-first.ts';

// Tests that open a box share the machine's two cores: few workers, generous time, no timing
// assertion anywhere. Boxes wait more than they compute, hence one worker more than cores. Files
// of one worker share the modules that they import: reading the model anew for each of them would
// take as long as its tests.
// biome-ignore lint/style/noDefaultExport: vitest loads its configuration from the default export
export default {
  test: {
    include: ['conformance/**/*.test.ts', 'src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/fixed-seed.ts'],
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', new SkipReasons()],
  },
};
