// Imports go one way: between layers (the folders of src), and between the rooms of a layer (the
// folders in it). docs/architecture.md draws this map.
import { describe, expect, it } from 'vitest';
import { ALLOWED, MODEL, ROOMS } from './architecture/map.ts';
import { importsOf, layerOf, roomOf, sourceFiles, valueCircles } from './architecture/sources.ts';

const files = sourceFiles();

describe('imports between layers', () => {
  it('finds the sources, and each of their layers in the map', () => {
    expect(files.length).toBeGreaterThan(300);
    expect([...new Set(files.map(layerOf))].filter((layer) => !(layer in ALLOWED))).toEqual([]);
  });

  it.each(files)('%s', (file) => {
    const layer = layerOf(file);
    const allowed = [layer, ...(ALLOWED[layer] ?? [])];
    const targets = importsOf(file).flatMap(({ target }) => (target ? [layerOf(target)] : []));
    expect(targets.filter((target) => !allowed.includes(target))).toEqual([]);
  });

  it('the package never reaches the folder of the recordings', () => {
    const reaching = files.filter((file) =>
      importsOf(file).some(({ target }) => target?.startsWith('../conformance')),
    );
    expect(reaching).toEqual([]);
  });

  it('the model imports nothing of Node', () => {
    const pure = files.filter((file) => MODEL.includes(layerOf(file)));
    const impure = pure.filter((file) =>
      importsOf(file).some(({ from }) => from.startsWith('node:')),
    );
    expect(impure).toEqual([]);
  });
});

describe.each(Object.entries(ROOMS))('rooms of %s', (layer, rooms) => {
  const own = files.filter((file) => layerOf(file) === layer);

  it('are all in the map', () => {
    const present = new Set(own.map(roomOf).filter((room) => room !== undefined));
    expect([...present].sort()).toEqual(Object.keys(rooms).sort());
  });

  // Types may point both ways: what a decoder is and what a region is cannot be said apart.
  it.each(own.filter((file) => roomOf(file) !== undefined))('%s', (file) => {
    const room = roomOf(file) ?? '';
    const allowed = [room, ...(rooms[room] ?? [])];
    const targets = importsOf(file)
      .filter(({ target, value }) => value && target !== undefined && layerOf(target) === layer)
      .flatMap(({ target }) => roomOf(target ?? '') ?? []);
    expect(targets.filter((target) => !allowed.includes(target))).toEqual([]);
  });
});

describe('circles', () => {
  it('no file depends on itself by values', () => {
    expect(valueCircles(files)).toEqual([]);
  });
});
