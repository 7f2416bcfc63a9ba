// docs/decisions.md is the index of the files below docs/decisions, one a decision.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cxlbox.ts';

const FILES = readdirSync(join(ROOT, 'docs', 'decisions')).sort();
const INDEX = readFileSync(join(ROOT, 'docs', 'decisions.md'), 'utf8');

const textOf = (file: string): string =>
  readFileSync(join(ROOT, 'docs', 'decisions', file), 'utf8');

describe('the index of decisions', () => {
  it('has every file, in order, with its title', () => {
    const rows = [...INDEX.matchAll(/^\| (\d+) \| \[(.+)\]\(decisions\/(.+)\) \| .+ \|$/gm)];
    const listed = rows.map(([, number, title, file]) => [file, `# ${number}. ${title}`]);
    expect(listed).toEqual(FILES.map((file) => [file, textOf(file).split('\n', 1)[0]]));
  });

  it('leaves out no number', () => {
    expect(FILES.map((file) => Number(/^(\d\d)-[a-z-]+\.md$/.exec(file)?.[1]))).toEqual(
      FILES.map((_, index) => index + 1),
    );
  });
});

it.each(FILES)('%s has context, decision and consequences, in lines of 100 columns', (file) => {
  const lines = textOf(file).split('\n');
  expect(lines.filter((line) => line.startsWith('#')).slice(1)).toEqual([
    '## Context',
    '## Decision',
    '## Consequences',
  ]);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
