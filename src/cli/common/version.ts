import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../machine-files/package-root.ts';

/** The version of this package. */
export function version(): string {
  const content: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const known = typeof content === 'object' && content !== null && 'version' in content;
  return known ? String(content.version) : 'unknown';
}
