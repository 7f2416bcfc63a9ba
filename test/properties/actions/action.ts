/**
 * What a command of a random sequence means: it looks at the tree as it is now and chooses what to
 * do next.
 */
import type { Chooser } from '../chooser.ts';
import type { Operation } from '../machine-run.ts';
import type { SysfsView } from '../sysfs-view.ts';

export interface Action {
  readonly name: string;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /** Nothing, where the tree offers no occasion. */
  choose(view: SysfsView, chooser: Chooser): readonly Operation[];
}

export function write(path: string, text: string): Operation[] {
  return [{ kind: 'write', path, text }];
}

/** Texts that no attribute expects, and some that one or the other does. */
export const JUNK: readonly [string, ...string[]] = [
  '',
  '\n',
  '0',
  '1',
  '2',
  '-1',
  '16',
  '256',
  '0x10000000',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999999999',
  'ram',
  'online',
  'junk',
  'region',
  'region0 ',
  'decoder',
  'dax0.0\0x',
  ' \t',
  '\0',
  '0x',
  'x'.repeat(5000),
  'add',
  'add 00000000-0000-0000-0000-000000000000 A=1',
  '\xff\xfe',
];
