// The tests of boxes and of shared devices in full: as all users, and every row of their tables.
// `npm test` opens boxes as root and as an ordinary user only where it makes a difference to what
// is tested.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const tests = ['test/box', 'test/fuse', 'src/shared-devices'];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...tests], {
  stdio: 'inherit',
  env: { ...process.env, CXLBOX_TESTS_IN_FULL: '1' },
});
process.exitCode = status ?? 1;
