import { SkipReasons } from './test/skip-reasons.ts';

// Tests that open a box share the machine's two cores: few workers, generous time, no timing assertion anywhere.
// biome-ignore lint/style/noDefaultExport: vitest loads its configuration from the default export
export default {
  test: {
    include: ['conformance/**/*.test.ts', 'src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/fixed-seed.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new SkipReasons()],
  },
};
