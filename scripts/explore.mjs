// `npm run explore`: random tests with new seeds, for as long as one likes. Node 20 runs no
// TypeScript by itself.
import { register } from 'node:module';

const words = process.argv.slice(2);
if (words[0] === 'machine-files') await import('./explore-machine-files.mjs');
else if (words[0] === 'boxes') await import('./explore-boxes.mjs');
else {
  register('./typescript-loader.mjs', import.meta.url);
  const { main } = await import('../test/explore/main.ts');
  process.exitCode = await main(words);
}
