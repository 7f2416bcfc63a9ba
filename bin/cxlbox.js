#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/run/main.js', import.meta.url);

if (existsSync(program)) {
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const root = fileURLToPath(new URL('..', import.meta.url));
  process.stderr.write(
    `cxlbox: ${root} holds the sources and no build of them\n` +
      '  what to do: npm start there, which installs, builds and shows a demo; or node scripts/setup.mjs\n',
  );
  process.exitCode = 125;
}
