/**
 * Changes to the text of a machine file, as slips of the pen and ill will make them.
 */
import type { Random } from './random.ts';

const NUMBERS: readonly [string, ...string[]] = [
  '0',
  '1',
  '3',
  '5',
  '16',
  '255',
  '256',
  '300',
  '65535',
  '999999999',
  '1e9',
  '-1',
  '0x1000',
  '4294967296',
  '18446744073709551616',
  '4096.5',
  '"0-4294967295"',
  '256MiB',
  '1GiB',
  '4GB',
  '1PiB',
  '4PiB',
  '8PiB',
  `${'9'.repeat(400)}`,
];
const VALUES: readonly [string, ...string[]] = [
  '~',
  '[]',
  '{}',
  '[[[]]]',
  '{a: b}',
  '"{n}"',
  '"{1 / 0}"',
  '"{n:099999999}"',
  '*a',
  '&a [*a]',
  '<<',
  '!!binary x',
  '"',
  'true',
  'N',
  'none',
  'cxl_region',
  'cxl_devdax_region',
  'pmem',
  '__proto__',
  'constructor',
];
const LINES: readonly [string, ...string[]] = [
  '<<: *a',
  '<<: 3',
  'x: &a {ram: 1GiB}',
  '- *a',
  'repeat: { n: 3 }',
  'repeat: { n: 65536, m: 65536 }',
  '---',
  '...',
  '%YAML 1.1',
  '? [a]',
  '\t- 1',
  'granularity: 300',
  'decoders: 1',
  'firmware: true',
  'type: pmem',
  'driver: cxl_sysram_region',
];

type Mutation = (text: string, random: Random, corpus: readonly string[]) => string;

function replaceOne(text: string, pattern: RegExp, random: Random, by: () => string): string {
  const match = random.from([...text.matchAll(pattern)]);
  if (match === undefined) return text;
  const at = match.index;
  return text.slice(0, at) + by() + text.slice(at + match[0].length);
}

function onLines(change: (lines: string[], at: number, random: Random) => void): Mutation {
  return (text, random) => {
    const lines = text.split('\n');
    change(lines, random.below(lines.length), random);
    return lines.join('\n');
  };
}

const WORD = /[A-Za-z_][\w.]*/g;

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (text, random) => replaceOne(text, /\b(0x)?[0-9a-f]*\d\w*\b/g, random, () => random.of(NUMBERS)),
  (text, random) => replaceOne(text, /: [^\n,}\]]+/g, random, () => `: ${random.of(NUMBERS)}`),
  (text, random) => replaceOne(text, /: [^\n,}\]]+/g, random, () => `: ${random.of(VALUES)}`),
  // A word for another word of any machine: keys and values get to places where they are known, and
  // do not belong.
  (text, random, corpus) =>
    replaceOne(text, WORD, random, () => {
      const words = (random.from(corpus) ?? '').match(WORD) ?? [];
      return random.from(words) ?? 'x';
    }),
  (text, random) => replaceOne(text, WORD, random, () => 'xyz'),
  (text, random) => replaceOne(text, /[[\]{}:,"&*|>-]/g, random, () => ''),
  (text, random) =>
    replaceOne(text, /[[\]{}:,"-]/g, random, () =>
      random.of(['[', ']', '{', '}', ': ', ',', '"', '- ', '\n']),
    ),
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  onLines((lines, at, random) => {
    const other = random.below(lines.length);
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  }),
  onLines((lines, at, random) => {
    const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? '';
    lines.splice(at, 0, indent + random.of(LINES));
  }),
  onLines((lines, at, random) => {
    lines[at] = random.below(2) === 0 ? `  ${lines[at]}` : (lines[at] ?? '').slice(2);
  }),
  // The head of one machine on the tail of another.
  (text, random, corpus) => {
    const other = random.from(corpus) ?? '';
    return text.slice(0, random.below(text.length)) + other.slice(random.below(other.length));
  },
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + String.fromCharCode(random.below(0x2100)) + text.slice(at);
  },
];

/** The same part very often: rarely, since it takes long. */
const EXPLOSIONS: readonly [Mutation, ...Mutation[]] = [
  (text, random) => {
    const part = random.of([
      '[',
      '{',
      '- ',
      '? ',
      'a: ',
      '&a ',
      '*a ',
      ': ',
      '}',
      '"{n}',
      '!x ',
      ',',
    ]);
    return text + part.repeat(1 << random.below(20));
  },
  (text, random) => {
    const lines = Array.from({ length: 1 << random.below(19) }, (_, at) => `k${at}: 1`);
    return `${text}\n${lines.join('\n')}`;
  },
  (text, random) => {
    const levels = 1 + random.below(12);
    const of = (level: number): string =>
      level === 0 ? 'x' : Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ');
    const lines = Array.from({ length: levels }, (_, at) => `l${at}: &l${at} [${of(at)}]`);
    return `${lines.join('\n')}\n${text}`;
  },
  (text, random) => text.repeat(1 + random.below(200)),
];

const ONE_EXPLOSION_IN = 200;
const MOST_CHANGES = 4;

export function mutated(corpus: readonly string[], random: Random): string {
  let text = random.from(corpus) ?? '';
  // One change is what gets furthest: half of the files have no more.
  const changes = random.below(2) === 0 ? 1 : 1 + random.below(MOST_CHANGES);
  for (let done = 0; done < changes; done += 1) text = random.of(MUTATIONS)(text, random, corpus);
  return random.below(ONE_EXPLOSION_IN) === 0 ? random.of(EXPLOSIONS)(text, random, corpus) : text;
}
