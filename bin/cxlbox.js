#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = dirname(__dirname);
const program = join(root, 'dist', 'run', 'start.js');

if (existsSync(program)) require(program).start('main');
else {
  process.stderr.write(
    `cxlbox: ${root}/ holds the sources and no build of them\n` +
      '  what to do: npm start there, which installs, builds and shows a demo; or node scripts/setup.mjs\n',
  );
  process.exitCode = 125;
}
