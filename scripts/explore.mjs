// `npm run explore`: random tests with new seeds, for as long as one likes. Node 20 runs no TypeScript by itself.
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
const { main } = await import('../test/explore/main.ts');
process.exitCode = await main(process.argv.slice(2));
