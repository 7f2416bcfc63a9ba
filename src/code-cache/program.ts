/** `node program.js NAME ARGUMENTS` starts the bundled program of that name. */
import { start } from './start.ts';

start(process.argv[2] ?? '');
