/**
 * The order of the test files: those that take longest begin, so that no worker is left alone with
 * one of them at the end. Vitest's own order knows how long files took only from an earlier run.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files and folders, the slowest first. All that is not listed runs afterwards. */
const SLOW: readonly string[] = [
  'test/box/shared-memory',
  'test/package/package',
  'test/box/shared-attacks',
  'test/box/capacity-hosts',
  'test/box/',
  'test/cli/',
  'test/docs/',
  'test/tools/',
  'src/shared-devices/',
  'src/media/',
];

function placeOf(path: string): number {
  const place = SLOW.findIndex((each) => path.startsWith(each));
  return place === -1 ? SLOW.length : place;
}

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const ordered = files.map((file) => ({ file, path: relative(root, file.moduleId) }));
    ordered.sort((a, b) => placeOf(a.path) - placeOf(b.path) || a.path.localeCompare(b.path));
    return ordered.map(({ file }) => file);
  }
}
