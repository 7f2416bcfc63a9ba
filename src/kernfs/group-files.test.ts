import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../test/errno-of.ts';
import {
  type AttributeGroup,
  createFile,
  createGroup,
  removeGroup,
  updateGroup,
} from './attribute.ts';
import { KernfsDirectory, KernfsFile, type KernfsNode, KernfsRoot, pathOf } from './node.ts';
import { OpenFile } from './open-file.ts';

interface Thing {
  readonly hidden: Set<string>;
  text: string;
}

const GROUPS: readonly AttributeGroup<Thing>[] = [
  {
    attributes: [
      { name: 'a', mode: 0o444, show: ({ text }) => `a ${text}\n` },
      {
        name: 'b',
        mode: 0o644,
        show: ({ text }) => `b ${text}\n`,
        store: (thing, text) => {
          thing.text = text;
        },
      },
    ],
    visible: ({ hidden }, { name, mode }) => (hidden.has(name) ? 0 : mode),
  },
  { attributes: [{ name: 'c', mode: 0o400, show: () => 'c\n' }] },
  { attributes: [{ name: 'b', mode: 0o600, show: () => 'another b\n' }] },
  {
    name: 'sub',
    attributes: [
      { name: 'a', mode: 0o444, show: ({ text }) => `sub/a ${text}\n` },
      { name: 'd', mode: 0o444, show: () => 'd\n' },
    ],
    visible: ({ hidden }, { name, mode }) => (hidden.has(name) ? 0 : mode & 0o440),
    present: ({ hidden }) => !hidden.has('sub'),
  },
];

/** Lets the engine collect what nothing holds: weak references keep theirs until a turn ends. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  await new Promise((resume) => setImmediate(resume));
  if (typeof gc === 'function') gc();
}

function fresh(): {
  root: KernfsRoot;
  directory: KernfsDirectory;
  thing: Thing;
  removed: string[];
} {
  const root = new KernfsRoot();
  const removed: string[] = [];
  root.onRemove = (node) => removed.push(pathOf(node));
  return {
    root,
    directory: root.addDirectory('x'),
    thing: { hidden: new Set(), text: '0' },
    removed,
  };
}

function file(directory: KernfsDirectory, name: string): KernfsFile {
  const node = directory.lookup(name);
  if (node?.kind !== 'file') throw new Error(`${name} is ${node?.kind}`);
  return node;
}

const [PLAIN, , CLASHING] = GROUPS as [
  AttributeGroup<Thing>,
  AttributeGroup<Thing>,
  AttributeGroup<Thing>,
];

describe('files of a group', () => {
  it('are there by name, with the mode of the moment at which the group was made', () => {
    const { directory, thing } = fresh();
    thing.hidden.add('a');
    createGroup(directory, PLAIN, thing);
    thing.hidden.clear();
    expect([...directory.names()]).toEqual(['b']);
    expect(directory.lookup('a')).toBeUndefined();
    expect(file(directory, 'b').mode).toBe(0o644);
    expect(directory.kindOf('b')).toBe('file');
  });

  it('are not made by a listing', () => {
    const { directory, thing } = fresh();
    createGroup(directory, PLAIN, thing);
    expect(directory.sortedNames().map((name) => directory.kindOf(name))).toEqual(['file', 'file']);
    expect([...directory.made()]).toEqual([]);
  });

  it('are the same node while something holds them, and go when the group does', () => {
    const { directory, thing, removed } = fresh();
    createGroup(directory, PLAIN, thing);
    const open = new OpenFile(file(directory, 'a'), { read: true, write: false });
    expect(file(directory, 'a')).toBe(open.file);
    removeGroup(directory, PLAIN);
    expect(errnoOf(() => open.read(0, 9))).toBe('ENODEV');
    expect(removed).toEqual(['/x/a']);
    expect([...directory.names()]).toEqual([]);
  });

  it.each([
    ['a file', (at: KernfsDirectory) => void at.add(new KernfsFile('b', 0o444, {}))],
    ['a file of another group', (at: KernfsDirectory, it: Thing) => createGroup(at, CLASHING, it)],
    ['itself', (at: KernfsDirectory, it: Thing) => createGroup(at, PLAIN, it)],
  ])('refuse the name of %s, and none of the group is made then', (_, before) => {
    const { directory, thing } = fresh();
    before(directory, thing);
    const names = [...directory.names()];
    expect(errnoOf(() => createGroup(directory, PLAIN, thing))).toBe('EEXIST');
    expect([...directory.names()]).toEqual(names);
  });

  it('refuse a new node of their name', () => {
    const { directory, thing } = fresh();
    createGroup(directory, PLAIN, thing);
    const attribute = { name: 'b', mode: 0o444 };
    expect(errnoOf(() => createFile(directory, attribute, thing))).toBe('EEXIST');
    expect(errnoOf(() => directory.addDirectory('a'))).toBe('EEXIST');
    expect(errnoOf(() => directory.ensureDirectory('a'))).toBe('EEXIST');
  });

  it('can be removed one by one', () => {
    const { directory, thing } = fresh();
    createGroup(directory, PLAIN, thing);
    directory.remove('a');
    expect([...directory.names()]).toEqual(['b']);
    createFile(directory, { name: 'a', mode: 0o444 }, thing);
    removeGroup(directory, PLAIN);
    expect([...directory.names()]).toEqual(['a']);
  });

  it('refuse a table that names a file twice', () => {
    const { directory, thing } = fresh();
    const twice = { name: 'a', mode: 0o444 };
    expect(errnoOf(() => createGroup(directory, { attributes: [twice, twice] }, thing))).toBe(
      'EEXIST',
    );
  });
});

describe('a state of their own', () => {
  /** What outlives the moment at which nothing holds the file. */
  async function outlives(name: string, touch: (node: KernfsFile) => void): Promise<boolean> {
    const { directory, thing } = fresh();
    createGroup(directory, PLAIN, thing);
    const mark = new WeakRef(file(directory, name));
    touch(file(directory, name));
    await collect();
    return mark.deref() !== undefined;
  }

  it('is none: the file is forgotten', async () => {
    expect(await outlives('a', () => {})).toBe(false);
  });

  it('is a watcher, which is called as long as it is there', async () => {
    const { directory, thing } = fresh();
    createGroup(directory, PLAIN, thing);
    let calls = 0;
    file(directory, 'a').watch(() => {
      calls += 1;
    });
    await collect();
    file(directory, 'a').notify();
    expect(calls).toBe(1);
  });

  it.each([
    [
      'mode',
      (node: KernfsNode) => void Object.assign(node, { mode: 0o600 }),
      (node: KernfsNode) => node.mode,
      0o600,
    ],
    [
      'owner',
      (node: KernfsNode) => void Object.assign(node, { uid: 7 }),
      (node: KernfsNode) => node.uid,
      7,
    ],
  ])('is a changed %s, if it is kept', async (_, change, look, expected) => {
    const { directory, thing, removed } = fresh();
    createGroup(directory, PLAIN, thing);
    change(file(directory, 'a'));
    file(directory, 'a').keep();
    await collect();
    expect(look(file(directory, 'a'))).toBe(expected);
    expect([...directory.names()].sort()).toEqual(['a', 'b']);
    updateGroup(directory, PLAIN, thing);
    expect(look(file(directory, 'a'))).not.toBe(expected);
    expect(removed).toEqual(['/x/a']);
  });

  it('keeps the directory that it is in, if that was made on lookup too', async () => {
    const root = new KernfsRoot();
    root.addSource({
      names: () => ['block'],
      lookup: (name) => {
        const made = new KernfsDirectory(name);
        createGroup(made, PLAIN, { hidden: new Set<string>(), text: '0' });
        return made;
      },
    });
    const block = (): KernfsDirectory => root.lookup('block') as KernfsDirectory;
    file(block(), 'a').mode = 0o600;
    file(block(), 'a').keep();
    await collect();
    expect(file(block(), 'a').mode).toBe(0o600);
    root.dropSourced('block');
    expect(file(block(), 'a').mode).toBe(0o444);
  });
});

/** The old way, as the kernel has it: each file is made with its group. */
const EAGER = {
  create(directory: KernfsDirectory, group: AttributeGroup<Thing>, thing: Thing): void {
    if (group.present?.(thing) === false) return;
    const target = group.name === undefined ? directory : directory.ensureDirectory(group.name);
    const visible = group.attributes
      .map((each) => ({ ...each, mode: group.visible?.(thing, each) ?? each.mode }))
      .filter(({ mode }) => mode !== 0);
    const taken = visible.find(({ name }) => target.lookup(name) !== undefined);
    for (const each of taken === undefined ? visible : [taken]) createFile(target, each, thing);
  },
  remove(directory: KernfsDirectory, group: AttributeGroup<Thing>): void {
    if (group.name === undefined) for (const { name } of group.attributes) directory.remove(name);
    else directory.remove(group.name);
  },
  update(directory: KernfsDirectory, group: AttributeGroup<Thing>, thing: Thing): void {
    const target = group.name === undefined ? directory : directory.lookup(group.name);
    if (target?.kind === 'directory') for (const { name } of group.attributes) target.remove(name);
    EAGER.create(directory, group, thing);
  },
};
const LAZY = { create: createGroup<Thing>, remove: removeGroup<Thing>, update: updateGroup<Thing> };

/** One tree and what programs hold of it, under operations drawn at random. */
class Run {
  readonly way: typeof EAGER;
  readonly root = new KernfsRoot();
  readonly directory = this.root.addDirectory('x');
  readonly thing: Thing = { hidden: new Set(), text: '0' };
  readonly held: OpenFile[] = [];
  readonly created = new Set<number>();
  wakes = 0;
  readonly told: string[] = [];

  constructor(way: typeof EAGER) {
    this.way = way;
    this.root.onRemove = (node) => {
      if (this.held.some((open) => open.file === node)) this.told.push(pathOf(node));
    };
  }

  at(path: string): KernfsNode | undefined {
    return path
      .split('/')
      .reduce<KernfsNode | undefined>(
        (node, name) => (node?.kind === 'directory' ? node.lookup(name) : undefined),
        this.directory,
      );
  }

  fileAt(path: string): KernfsFile | undefined {
    const node = this.at(path);
    return node?.kind === 'file' ? node : undefined;
  }

  /** Everything that a program can see, held files included. */
  view(): unknown {
    const look = (node: KernfsNode): unknown => {
      if (node.kind === 'link') return node.read();
      if (node.kind === 'file')
        return [node.mode, node.uid, errnoOf(() => node.content.show?.()), node.content.show?.()];
      return Object.fromEntries(
        node.sortedNames().map((name) => {
          const child = node.lookup(name);
          return [name, node.kindOf(name), child && look(child)];
        }),
      );
    };
    const held = this.held.map((open) => [
      open.file.active,
      open.poll().notified,
      errnoOf(() => open.read(0, 64)),
    ]);
    return { tree: look(this.directory), held, wakes: this.wakes, told: this.told };
  }
}

type Step = (run: Run) => void;
const PATHS = ['a', 'b', 'c', 'sub/a', 'sub/d', 'sub', 'other'];

const steps: fc.Arbitrary<{ text: string; step: Step }> = fc.oneof(
  fc.nat(GROUPS.length - 1).chain((at) =>
    fc.constantFrom<'create' | 'remove' | 'update'>('create', 'remove', 'update').map((verb) => ({
      text: `${verb} ${at}`,
      step: ({ way, directory, thing, created }: Run) => {
        const group = GROUPS[at] ?? PLAIN;
        // sysfs_remove_group() of a group that is not there warns and leaves the rest alone.
        if (verb !== 'create' && !created.has(at)) return;
        if (verb === 'remove') created.delete(at);
        way[verb](directory, group, thing);
        if (verb === 'create') created.add(at);
      },
    })),
  ),
  fc.constantFrom('a', 'd', 'sub').map((name) => ({
    text: `flip ${name}`,
    step: ({ thing: { hidden } }: Run) => void (hidden.delete(name) || hidden.add(name)),
  })),
  // A name that a hidden file of a group has would go with the group: in the kernel, too.
  fc.constantFrom('b', 'c', 'other', 'sub').map((name) => ({
    text: `add ${name}`,
    step: ({ directory }: Run) => void directory.add(new KernfsFile(name, 0o444, {})),
  })),
  fc.constantFrom(...PATHS).chain((path) =>
    fc
      .constantFrom<[string, Step]>(
        [
          'open',
          (run) => {
            const found = run.fileAt(path);
            if (found !== undefined)
              run.held.push(new OpenFile(found, { read: true, write: false }));
          },
        ],
        [
          'chmod',
          (run) => {
            const found = run.at(path);
            if (found === undefined) return;
            found.mode = 0o440;
            found.keep();
          },
        ],
        [
          'watch',
          (run) =>
            void run.fileAt(path)?.watch(() => {
              run.wakes += 1;
            }),
        ],
        ['notify', (run) => run.fileAt(path)?.notify()],
        [
          'write',
          (run) => {
            const found = run.fileAt(path);
            if (found?.content.store !== undefined) found.content.store('1');
          },
        ],
      )
      .map(([verb, step]) => ({ text: `${verb} ${path}`, step })),
  ),
);

describe('the lazy tree', () => {
  it('equals the eager one under random operations', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { maxLength: 40 }),
        fc.boolean(),
        async (drawn, collecting) => {
          const lazy = new Run(LAZY);
          const eager = new Run(EAGER);
          for (const { step } of drawn) {
            expect(errnoOf(() => step(lazy))).toBe(errnoOf(() => step(eager)));
            expect(lazy.view()).toEqual(eager.view());
            if (collecting) await new Promise((resume) => setImmediate(resume));
          }
          if (collecting) await collect();
          expect(lazy.view()).toEqual(eager.view());
        },
      ),
      { numRuns: 100 },
    );
  });
});
