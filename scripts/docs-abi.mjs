// Writes docs/abi.md and docs/debugfs.md. `npm run docs:abi` builds first.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { debugfsPage } from '../dist/abi/debugfs-page.js';
import { abiPage } from '../dist/abi/generate.js';

const page = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
writeFileSync(page('abi.md'), abiPage());
writeFileSync(page('debugfs.md'), debugfsPage());
