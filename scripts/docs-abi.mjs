// Writes docs/abi.md. `npm run docs:abi` builds first.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { abiPage } from '../dist/abi/generate.js';

writeFileSync(fileURLToPath(new URL('../docs/abi.md', import.meta.url)), abiPage());
