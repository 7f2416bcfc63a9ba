// The tests of boxes as all users. `npm test` opens boxes as root and as an ordinary user only
// where it makes a difference to what is tested.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/box', 'test/fuse'], {
  stdio: 'inherit',
  env: { ...process.env, CXLBOX_BOXES_AS_ALL: '1' },
});
process.exitCode = status ?? 1;
