/**
 * All kinds of faults, in the order of help, documentation and messages. To add one, declare it in
 * a file of its own and list it here.
 */
import type { FaultDeclaration } from '../declaration.ts';
import type { FaultKind } from '../kind.ts';
import { COMMIT } from './commit.ts';
import { HOTPLUG } from './hotplug.ts';
import { LINK_DOWN } from './link-down.ts';
import { POISON_FAULT } from './poison.ts';
import { PROBE } from './probe.ts';
import { REMOVAL } from './removal.ts';
import { SANITIZE } from './sanitize.ts';
import { SLOW_ONLINE } from './slow-online.ts';
import { SLOW_SANITIZE } from './slow-sanitize.ts';

/** Those that can be injected, and taken back by number. */
export const FAULT_KINDS: readonly FaultKind[] = [
  PROBE,
  HOTPLUG,
  COMMIT,
  SANITIZE,
  SLOW_ONLINE,
  SLOW_SANITIZE,
  REMOVAL,
  LINK_DOWN,
];

/** Those that a machine file knows. */
export const FAULT_DECLARATIONS: readonly FaultDeclaration[] = [POISON_FAULT, ...FAULT_KINDS];
