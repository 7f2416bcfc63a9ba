/**
 * Inside a box: prints the files of the host below the folders given that open for writing. Nothing
 * is written. Files that the machine serves, and those of processes, are left out.
 */
import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';

const served = lstatSync('/sys').dev;
const SKIPPED = /^\/proc\/\d+$/;

function visit(path) {
  if (SKIPPED.test(path)) return;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return;
  if (stat.isDirectory()) {
    let names = [];
    try {
      names = readdirSync(path);
    } catch {
      // Closed even to root: it holds nothing to write to.
    }
    for (const name of names) visit(`${path}/${name}`);
    return;
  }
  // What no one may write to opens for root, and has nothing that would take a write.
  if (stat.dev === served || (stat.mode & 0o222) === 0) return;
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    console.log(path);
  } catch (error) {
    if (error.code === undefined) throw error;
  }
}

for (const path of process.argv.slice(2)) visit(path);
