/**
 * Random messages to a FUSE server: mostly what a kernel could send about what it holds, then
 * damaged in one way or another.
 */
import type { KernfsNode } from '../../src/kernfs/node.ts';
import type { Random } from '../explore/random.ts';
import { HEADER } from './request-sizes.ts';

/** What a kernel would know. */
export interface Known {
  readonly nodes: readonly { readonly id: number; readonly node: KernfsNode; lookups: number }[];
  readonly files: readonly number[];
  readonly directories: readonly number[];
}

interface Draft {
  readonly opcode: number;
  readonly nodeId: number;
  readonly body: Buffer;
}

type Maker = (random: Random, known: Known) => Draft;

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * index);
  return bytes;
}

function nodeId(random: Random, { nodes }: Known): number {
  return random.oneIn(20) ? random.word() : (random.from(nodes)?.id ?? 1);
}

function handle(random: Random, handles: readonly number[]): number {
  return random.oneIn(10) ? random.below(100) : (random.from(handles) ?? 0);
}

const ODD_NAMES = ['', '.', '..', 'nothing', 'a/b', '__proto__', 'memory99999', 'x'.repeat(300)];

function nameIn(random: Random, node: KernfsNode | undefined): string {
  if (node?.kind !== 'directory' || random.oneIn(16)) return random.from(ODD_NAMES) ?? '';
  return random.from([...node.names()]) ?? 'nothing';
}

/** What attributes take, now and then. */
const TEXTS = [
  ...['', '0', '1', '2\n', '-1', 'online', 'offline', 'online_movable\n', 'region0', 'dax0.0'],
  ...['mem0', 'ram', 'pmem', 'decoder0.0', '4096', '0x10000000', '1G\n', 'region1\n', 'change'],
  ...['sysram_region0', 'dax_region0\n', 'x'.repeat(5000), '\0', 'w1 anon 64M node=0'],
];

function textOf(random: Random): Buffer {
  if (random.oneIn(500)) return Buffer.alloc(131_072, 0x78);
  if (random.oneIn(8))
    return Buffer.from(Array.from({ length: random.below(64) }, () => random.below(256)));
  return Buffer.from(random.from(TEXTS) ?? '', 'latin1');
}

const offsetOf = (random: Random): number =>
  random.oneIn(8) ? random.word() : random.of([0, 0, 1, 3, 4096, 8192]);

const sizeOf = (random: Random): number =>
  random.oneIn(32) ? random.word() : random.of([0, 1, 64, 4096, 65_536]);

function nodeOf(random: Random, known: Known) {
  return random.from(known.nodes);
}

/**
 * LOOKUP of what is there: the walk goes deep, since what was found last is likeliest to be asked
 * next.
 */
const lookup: Maker = (random, known) => {
  const recent = known.nodes.slice(-12).filter(({ node }) => node.kind === 'directory');
  const directory = random.oneIn(3) ? nodeOf(random, known) : random.from(recent);
  const name = nameIn(random, directory?.node);
  return {
    opcode: 1,
    nodeId: directory?.id ?? 1,
    body: Buffer.from(`${name}\0`, 'latin1'),
  };
};

const forget: Maker = (random, known) => {
  const held = nodeOf(random, known);
  const count = random.oneIn(4) ? random.below(3) : (held?.lookups ?? 1);
  return { opcode: 2, nodeId: held?.id ?? 1, body: words(count, 0) };
};

const batchForget: Maker = (random, known) => {
  const ones = Array.from({ length: random.below(6) }, () =>
    words(nodeId(random, known), 0, 1 + random.below(2), 0),
  );
  const count = random.oneIn(3) ? random.below(12) : ones.length;
  return { opcode: 42, nodeId: 0, body: Buffer.concat([words(count, 0), ...ones]) };
};

const read =
  (opcode: number, handles: (known: Known) => readonly number[]): Maker =>
  (random, known) => ({
    opcode,
    nodeId: nodeId(random, known),
    body: words(
      ...[handle(random, handles(known)), 0, offsetOf(random), 0, sizeOf(random)],
      ...[random.below(4), 0, 0, 0, 0],
    ),
  });

const write: Maker = (random, known) => {
  const text = textOf(random);
  const size = random.oneIn(6) ? random.below(2 * text.length + 2) : text.length;
  const fields = [handle(random, known.files), 0, offsetOf(random), 0, size, random.below(4)];
  return {
    opcode: 16,
    nodeId: nodeId(random, known),
    body: Buffer.concat([words(...fields, 0, 0, 0, 0), text]),
  };
};

const setattr: Maker = (random, known) => ({
  opcode: 4,
  nodeId: nodeId(random, known),
  body: words(
    random.oneIn(2) ? random.word() : 1 << random.below(11),
    ...Array.from({ length: 21 }, () => random.word()),
  ),
});

const fixed =
  (
    opcode: number,
    ...values: readonly (number | ((random: Random, known: Known) => number))[]
  ): Maker =>
  (random, known) => ({
    opcode,
    nodeId: nodeId(random, known),
    body: words(
      ...values.map((value) => (typeof value === 'number' ? value : value(random, known))),
    ),
  });

const named =
  (opcode: number, before: number, names: number): Maker =>
  (random, known) => ({
    opcode,
    nodeId: nodeId(random, known),
    body: Buffer.concat([Buffer.alloc(before), Buffer.from('name\0'.repeat(names))]),
  });

const anything: Maker = (random) => ({
  opcode: random.oneIn(8) ? random.word() : random.below(60),
  nodeId: random.oneIn(2) ? 1 : random.word(),
  body: Buffer.from(Array.from({ length: random.below(128) }, () => random.below(256))),
});

const aFile = (random: Random, known: Known): number => handle(random, known.files);
const aFolder = (random: Random, known: Known): number => handle(random, known.directories);
const aWord = (random: Random): number => random.word();
const aMode = (random: Random): number => (random.oneIn(6) ? random.word() : random.below(3));

const MAKERS: readonly (readonly [weight: number, make: Maker])[] = [
  [30, lookup],
  [6, forget],
  [2, batchForget],
  [6, fixed(3, 0, 0, 0, 0)],
  [2, setattr],
  [3, fixed(5)],
  [14, fixed(14, aMode, 0)],
  [14, read(15, ({ files }) => files)],
  [8, write],
  [1, fixed(17)],
  [8, fixed(18, aFile, 0, 0, 0, 0, 0)],
  [1, fixed(20, aFile, 0, 0, 0)],
  [1, fixed(25, aFile, 0, 0, 0, 0, 0)],
  [1, fixed(26, 7, 31, 4096, aWord, aWord)],
  [4, fixed(27, 0, 0)],
  [5, read(28, ({ directories }) => directories)],
  [3, fixed(29, aFolder, 0, 0, 0, 0, 0)],
  [1, fixed(36, aWord, 0)],
  [4, fixed(40, aFile, 0, aWord, aWord, 1, 0)],
  [1, named(6, 0, 2)],
  [1, named(9, 8, 1)],
  [1, named(12, 8, 2)],
  [1, named(45, 16, 2)],
  [4, anything],
];

const TOTAL = MAKERS.reduce((sum, [weight]) => sum + weight, 0);

function draft(random: Random, known: Known): Draft {
  let rest = random.below(TOTAL);
  for (const [weight, make] of MAKERS) {
    if (rest < weight) return make(random, known);
    rest -= weight;
  }
  return anything(random, known);
}

const ODD_WORDS = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000, 39, 41];

type Damage = (random: Random, message: Buffer) => Buffer;

const DAMAGES: readonly Damage[] = [
  // Cut off, with and without the length in the header that goes with it.
  (random, message) => message.subarray(0, random.below(message.length)),
  (random, message) => {
    const cut = Buffer.from(
      message.subarray(0, HEADER + random.below(message.length - HEADER + 1)),
    );
    cut.writeUInt32LE(cut.length, 0);
    return cut;
  },
  (random, message) => {
    message.writeUInt32LE(random.from(ODD_WORDS) ?? 0, 0);
    return message;
  },
  // One word of the body is another one.
  (random, message) => {
    const body = Math.floor((message.length - HEADER) / 4);
    if (body > 0)
      message.writeUInt32LE(random.from(ODD_WORDS) ?? 0, HEADER + 4 * random.below(body));
    return message;
  },
  (random, message) => {
    message.writeUInt32LE(random.below(54), 4);
    return message;
  },
  // The last byte is another one: a name loses its NUL.
  (_random, message) => {
    message[message.length - 1] = 0x41;
    return message;
  },
];

/** One message, with its header. */
export function randomMessage(random: Random, known: Known): Buffer {
  const { opcode, nodeId: id, body } = draft(random, known);
  const fields = [HEADER + body.length, opcode, random.word(), random.word(), id, 0, 0, 0];
  const message = Buffer.concat([words(...fields, 1 + random.below(100), 0), body]);
  return random.oneIn(4) ? (random.from(DAMAGES)?.(random, message) ?? message) : message;
}
