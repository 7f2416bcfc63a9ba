// docs/abi.md against the running tree, and the tree against what the specifications name.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { surveyAttributes } from '../../src/abi/generate.ts';
import { render } from '../../src/abi/render.ts';
import type { Entry } from '../../src/abi/survey.ts';
import { ABI_PROFILES } from '../../src/platform/profiles/index.ts';
import { SPECIFIED } from './specified.ts';

const PAGE = new URL('../../docs/abi.md', import.meta.url);

function words(text: string | undefined): string[] {
  return text?.split(' ') ?? [];
}

/** The path, its modes (`link` for a link) and its profiles. */
type Wanted = readonly [path: string, mode: string, profiles: string];

const WANTED: readonly Wanted[] = SPECIFIED.flatMap(({ under, files, links, only }) => {
  const profiles = only ?? ABI_PROFILES.join(', ');
  const named = Object.entries(files).flatMap(([mode, names]) =>
    words(names).map((name): Wanted => [`${under}/${name}`, mode, profiles]),
  );
  return [...named, ...words(links).map((name): Wanted => [`${under}/${name}`, 'link', profiles])];
});

describe('the attributes of all machines', () => {
  let entries: Entry[] = [];
  beforeAll(() => {
    entries = surveyAttributes();
  });

  it('are those of docs/abi.md (npm run docs:abi writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(render(entries));
  });

  it.each(WANTED)('%s is there, mode %s', (path, mode, profiles) => {
    const entry = entries.find((each) => each.path === path);
    const found = entry && (entry.kind === 'link' ? 'link' : [...entry.modes].sort().join(', '));
    expect([found, entry && [...entry.profiles].join(', ')]).toEqual([mode, profiles]);
  });

  it('have a source each', () => {
    expect(entries.filter(({ sources }) => sources.size !== 1).map(({ path }) => path)).toEqual([]);
  });

  it('are patterns: no device is named by its number', () => {
    const numbered = /\/(?:region|decoder|endpoint|port|mem|dax|memory|node|mapping|target)\d/;
    expect(entries.filter(({ path }) => numbered.test(path)).map(({ path }) => path)).toEqual([]);
  });
});
