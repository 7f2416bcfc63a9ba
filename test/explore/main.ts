/**
 * `npm run explore`: rounds of the explorers with new seeds until the time is over. Each finding is
 * printed with the command that finds it again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Explorer, Figures } from './explorer.ts';
import { EXPLORERS } from './explorers.ts';

const USAGE = `usage: npm run explore -- [EXPLORER ...] [--minutes N] [--seed N] [--rounds N]

Without EXPLORER all take turns. Seeds count up from --seed, which is new each time. Ends after --minutes (10) or
after --rounds rounds of each, or with the round that Ctrl-C meets. --shrink 1 makes what is found as short as possible, which can take minutes. Exit status
1: something was found.

${EXPLORERS.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n')}

  machine-files  changed machine files, parsed and booted; has options of its own:
                 npm run explore -- machine-files --help
  boxes          the tests of boxes and shared devices in full: npm test runs a part of their tables
`;

interface Options {
  readonly explorers: readonly Explorer[];
  readonly minutes: number;
  readonly seed: number;
  readonly rounds: number;
  readonly shrink: boolean;
}

/** Options that take a number, with their defaults. */
const DEFAULTS = (): Map<string, number> =>
  new Map([
    ['--minutes', 10],
    ['--seed', Date.now() % 1_000_000_000],
    ['--rounds', Number.POSITIVE_INFINITY],
    ['--shrink', 0],
  ]);

/** Undefined if the words make no sense. */
function parse(words: readonly string[]): Options | undefined {
  const numbers = DEFAULTS();
  const explorers: Explorer[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const explorer = EXPLORERS.find(({ name }) => name === word);
    if (explorer !== undefined) {
      explorers.push(explorer);
      continue;
    }
    index += 1;
    const value = Number(words[index]);
    if (!numbers.has(word) || !(value >= 0)) return undefined;
    numbers.set(word, value);
  }
  return {
    explorers: explorers.length === 0 ? EXPLORERS : explorers,
    minutes: numbers.get('--minutes') ?? 0,
    seed: numbers.get('--seed') ?? 0,
    rounds: numbers.get('--rounds') ?? 0,
    shrink: numbers.get('--shrink') !== 0,
  };
}

class Tally {
  rounds = 0;
  findings = 0;
  private readonly figures = new Map<string, number>();

  add(figures: Figures): void {
    for (const [name, count] of Object.entries(figures))
      this.figures.set(name, (this.figures.get(name) ?? 0) + count);
  }

  toString(): string {
    const counted = [...this.figures].map(([name, count]) => `, ${count} ${name}`);
    return `${this.rounds} rounds${counted.join('')}, ${this.findings} findings`;
  }
}

/**
 * Without fast-check's words around it: its commands mean little to a reader, the writes that led
 * there are told.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  return message.startsWith('Property failed') && cause !== undefined ? describe(cause) : message;
}

async function playRound(
  explorer: Explorer,
  seed: number,
  shrink: boolean,
  tally: Tally,
): Promise<void> {
  tally.rounds += 1;
  try {
    tally.add(await explorer.round(seed, shrink));
  } catch (error) {
    tally.findings += 1;
    console.log(
      `${explorer.name}: found something\n${describe(error)}\nagain: npm run explore -- ${explorer.name} --seed ${seed} --rounds 1 --shrink 1\n`,
    );
  }
}

/** The exit status: 0 if nothing was found, 1 if something was, 2 if the words make no sense. */
export async function main(words: readonly string[]): Promise<number> {
  const options = parse(words);
  if (options === undefined) {
    console.error(USAGE);
    return words.includes('--help') ? 0 : 2;
  }
  const { explorers, minutes, seed, rounds, shrink } = options;
  const end = performance.now() + minutes * 60_000;
  const tallies = new Map(explorers.map((explorer) => [explorer, new Tally()]));
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true));
  const over = (): boolean => stopped || performance.now() >= end;
  console.log(`seeds from ${seed}`);
  for (let round = 0; round < rounds && !over(); round += 1) {
    for (const [explorer, tally] of tallies) {
      if (over()) break;
      await playRound(explorer, seed + round, shrink, tally);
      // A round is synchronous: signals are delivered between them.
      await setImmediate();
    }
  }
  for (const [explorer, tally] of tallies) console.log(`${explorer.name}: ${tally}`);
  return [...tallies.values()].some(({ findings }) => findings > 0) ? 1 : 0;
}
