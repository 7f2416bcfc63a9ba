import { describe, expect, it } from 'vitest';
import { errnoOf } from '../../test/errno-of.ts';
import { ResourceTree } from './resource.ts';

function sample(): ResourceTree {
  const tree = new ResourceTree();
  tree.request(0x1000, 0x9000, 'System RAM');
  tree.insert(0x100000, 0x100000, 'CXL Window 0');
  return tree;
}

describe('insert', () => {
  it('nests in the smallest container and adopts what it covers', () => {
    const tree = sample();
    tree.insert(0x110000, 0x10000, 'region0');
    tree.insert(0x118000, 0x1000, 'leaf');
    tree.insert(0x118000, 0x4000, 'middle');
    expect(tree.render()).toBe(
      [
        '00001000-00009fff : System RAM',
        '00100000-001fffff : CXL Window 0',
        '  00110000-0011ffff : region0',
        '    00118000-0011bfff : middle',
        '      00118000-00118fff : leaf',
        '',
      ].join('\n'),
    );
  });

  it('becomes the parent of an equal range', () => {
    const tree = sample();
    const region = tree.insert(0x110000, 0x10000, 'inner');
    expect(tree.insert(0x110000, 0x10000, 'outer').children).toEqual([region]);
  });

  it.each([
    ['over the end of a sibling', 0x9000, 0x2000],
    ['over the start of a sibling', 0xff000, 0x2000],
    ['no size', 0x300000, 0],
  ])('EBUSY: %s, and the tree is unchanged', (_, start, size) => {
    const tree = sample();
    const before = tree.render();
    expect(errnoOf(() => tree.insert(start, size, 'x'))).toBe('EBUSY');
    expect(tree.render()).toBe(before);
  });
});

describe('request', () => {
  it('descends into entries that are not busy, equal ones included', () => {
    const tree = sample();
    const dax = tree.request(0x110000, 0x10000, 'dax0.0');
    dax.busy = false;
    const ram = tree.request(0x110000, 0x10000, 'System RAM (kmem)', { driverManaged: true });
    expect(ram.parent).toBe(dax);
    expect(ram.driverManaged && ram.busy).toBe(true);
  });

  it.each([
    ['inside a busy entry', 0x2000, 0x1000],
    ['over a busy entry', 0x0, 0x20000],
    ['partly over a window', 0x1ff000, 0x2000],
  ])('EBUSY: %s', (_, start, size) => {
    expect(errnoOf(() => sample().request(start, size, 'x'))).toBe('EBUSY');
  });
});

describe('release', () => {
  it('moves the children up and leaves the neighbours', () => {
    const tree = sample();
    const region = tree.insert(0x110000, 0x10000, 'region0');
    tree.insert(0x120000, 0x10000, 'region1');
    tree.request(0x110000, 0x8000, 'dax0.0');
    tree.request(0x118000, 0x8000, 'dax0.1');
    tree.release(region);
    expect(tree.find('CXL Window 0')?.children.map((child) => child.name)).toEqual([
      'dax0.0',
      'dax0.1',
      'region1',
    ]);
    tree.release(region);
    expect(tree.find('region0')).toBeUndefined();
  });

  it.each([
    ['the whole', 0x1000, 0x9000, []],
    ['the head', 0x1000, 0x1000, ['00002000-00009fff']],
    ['the tail', 0x9000, 0x1000, ['00001000-00008fff']],
    ['the middle', 0x4000, 0x1000, ['00001000-00003fff', '00005000-00009fff']],
    ['nothing busy', 0x110000, 0x1000, ['00001000-00009fff']],
  ])('releaseBusyRange: %s', (_, start, size, left) => {
    const tree = sample();
    tree.releaseBusyRange(start, size);
    const ram = tree
      .render()
      .split('\n')
      .filter((line) => line.endsWith('System RAM'));
    expect(ram.map((line) => line.split(' ')[0])).toEqual(left);
  });
});

describe('looking', () => {
  it('finds busy System RAM below entries that are not busy', () => {
    const tree = sample();
    tree.insert(0x110000, 0x10000, 'region0');
    expect(tree.intersectsBusySystemRam(0x110000, 0x10000)).toBe(false);
    tree.request(0x118000, 0x1000, 'System RAM (kmem)');
    expect(tree.intersectsBusySystemRam(0x110000, 0x10000)).toBe(true);
    expect(tree.intersectsBusySystemRam(0x110000, 0x8000)).toBe(false);
  });

  it.each([
    ['empty window', [], 0x10000, 0x100000],
    ['after the first', [[0x100000, 0x8000]], 0x10000, 0x110000],
    [
      'into a hole',
      [
        [0x100000, 0x10000],
        [0x120000, 0x10000],
      ],
      0x10000,
      0x110000,
    ],
    [
      'not into a hole too small',
      [
        [0x100000, 0x10000],
        [0x118000, 0x8000],
      ],
      0x10000,
      0x120000,
    ],
    ['no room', [[0x110000, 0x10000]], 0xf0000, undefined],
  ] as const)('firstFit: %s', (_, taken, size, expected) => {
    const tree = sample();
    const window = tree.find('CXL Window 0');
    if (window === undefined) throw new Error('no window');
    for (const [start, length] of taken) tree.insert(start, length, 'region', { parent: window });
    expect(tree.firstFit(window, size, 0x10000)).toBe(expected);
  });
});
