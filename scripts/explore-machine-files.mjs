// Looks for faults with inputs that no test lists, for as long as it is told to. The code to be
// tried is bundled from its sources, since Node runs no TypeScript. What it finds it prints with
// the command that finds it again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'node_modules', '.cache', 'cxlbox', `explore-${process.pid}`);

const USAGE = `Usage: npm run explore -- machine-files [--seed N] [--count N | --minutes N] [--from N] [--print]

  machine-files   changes the texts of machine files at random, parses them, boots what is accepted

  --seed N     which changes (by default the seconds of the clock); the same seed makes the same files
  --count N    how many files (1000)
  --minutes N  as many files as this takes
  --from N     number of the first file (0): to try one again, with --count 1
  --print      print the files
`;

/**
 * A bundle of a module below test/explore, as a path. Made by another process: its memory is not
 * what is measured.
 */
function bundled(name) {
  const made = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs'),
      join(root, 'test', 'explore', `${name}.ts`),
      ...['--dir', folder, '--format', 'esm', '--platform', 'node'],
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (made.status === 0) return join(folder, `${name}.js`);
  throw new Error(`bundling test/explore/${name}.ts failed: ${made.stderr}`);
}

/**
 * Of the thread's heap, so that the whole process stays below 300 MB: a file that needs more ends
 * the thread.
 */
const HEAP = { maxOldGenerationSizeMb: 140, maxYoungGenerationSizeMb: 24 };
/** Milliseconds of processor time. */
const HANGS_AFTER = 10_000;
const SLOW_AFTER = 1000;
const MEGABYTE = 1024;

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs one worker until it is done, dies or hangs; resolves to what stopped it, or undefined. */
function runWorker(file, task, onReport) {
  return new Promise((done) => {
    const worker = new Worker(file, { workerData: task, resourceLimits: HEAP });
    const current = new Int32Array(task.at);
    let last = -1;
    let since = processorTime();
    const watch = setInterval(() => {
      const index = Atomics.load(current, 0);
      if (index !== last) [last, since] = [index, processorTime()];
      else if (processorTime() - since > HANGS_AFTER) {
        clearInterval(watch);
        void worker.terminate().then(() => done('it hangs'));
      }
    }, 500);
    worker.on('message', onReport);
    worker.on('error', (error) => {
      clearInterval(watch);
      done(`the thread dies: ${error.message}`);
    });
    worker.on('exit', () => {
      clearInterval(watch);
      done(undefined);
    });
  });
}

async function machineFiles({ seed, from, count, minutes, print }) {
  const worker = bundled('machine-files-worker');
  const text = print ? (await import(bundled('machine-files'))).machineText : () => '';
  const tally = { accepted: 0, booted: 0, refused: 0 };
  const faults = [];
  const slowest = { index: from, milliseconds: 0 };
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
  const start = Date.now();
  const found = (index, fault) => {
    faults.push(index);
    console.log(`file ${index}: ${fault}`);
    console.log(
      `  again: npm run explore -- machine-files --seed ${seed} --from ${index} --count 1 --print`,
    );
  };
  const onReport = ({ index, verdict, fault, milliseconds }) => {
    tally[verdict] += 1;
    if (print) console.log(`--- file ${index}: ${verdict}\n${text(seed, index)}`);
    if (milliseconds > slowest.milliseconds) Object.assign(slowest, { index, milliseconds });
    if (fault !== undefined) found(index, fault);
    else if (milliseconds > SLOW_AFTER && verdict === 'refused')
      console.log(`file ${index}: refused after ${Math.round(milliseconds)} ms`);
  };
  const batch = minutes === undefined ? count : 500;
  let next = from;
  while (next < from + count && Date.now() < until) {
    const at = new SharedArrayBuffer(4);
    const task = { seed, from: next, count: Math.min(batch, from + count - next), at };
    const ended = await runWorker(worker, task, onReport);
    const index = new Int32Array(at)[0];
    if (ended !== undefined) found(index, ended);
    next = index + 1;
  }
  const seconds = Math.round((Date.now() - start) / 1000);
  const peak = Math.round(process.resourceUsage().maxRSS / MEGABYTE);
  console.log(
    `seed ${seed}: ${next - from} files in ${seconds} s: ${tally.refused} refused, ${tally.booted} booted, ` +
      `${tally.accepted} accepted and not booted; ${faults.length} faults; ` +
      `slowest: file ${slowest.index}, ${Math.round(slowest.milliseconds)} ms of processor time; at most ${peak} MB of memory`,
  );
  return faults.length === 0 ? 0 : 1;
}

const COMMANDS = { 'machine-files': machineFiles };

function wholeNumber(text, name) {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  console.error(`explore: --${name} takes a whole number, not '${text}'\n\n${USAGE}`);
  process.exit(2);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: `${Math.floor(Date.now() / 1000)}` },
    count: { type: 'string' },
    minutes: { type: 'string' },
    from: { type: 'string', default: '0' },
    print: { type: 'boolean', default: false },
  },
});
const command = COMMANDS[positionals[0]];
if (command === undefined || positionals.length !== 1) {
  console.error(USAGE);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
try {
  const minutes = values.minutes === undefined ? undefined : wholeNumber(values.minutes, 'minutes');
  const most = minutes === undefined ? '1000' : `${Number.MAX_SAFE_INTEGER}`.slice(0, 15);
  process.exitCode = await command({
    seed: wholeNumber(values.seed, 'seed'),
    from: wholeNumber(values.from, 'from'),
    count: wholeNumber(values.count ?? most, 'count'),
    minutes,
    print: values.print,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
