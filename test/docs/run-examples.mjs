// Runs the programs that it is given, one after the other in this process, since each would read
// the two hundred files of the library anew. Prints a list of what each printed, and of its error.
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const ran = [];
for (const file of process.argv.slice(2)) {
  const printed = [];
  console.log = (...values) => printed.push(format(...values));
  try {
    await import(pathToFileURL(file).href);
    // For what the program has begun and does not wait for.
    await setTimeout(10);
    ran.push({ printed });
  } catch (error) {
    ran.push({ printed, error: format(error) });
  }
}
process.stdout.write(JSON.stringify(ran));
