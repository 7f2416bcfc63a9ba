/**
 * Every file of a box's own below debugfs. This room is below the model: the model serves the
 * files, everything above reads and writes them, and neither knows the other.
 */
import { CALLS } from './calls.ts';
import { CAPACITY_ADD, CAPACITY_EXTENTS, CAPACITY_RELEASE } from './capacity.ts';
import { DAX_USE } from './dax-use.ts';
import { EVENTS } from './events.ts';
import { FAULT_CLEAR, FAULT_INJECT, FAULT_LIST } from './fault.ts';
import { LOG } from './log.ts';
import { POISON } from './poison.ts';
import {
  WORKLOAD_CREATE,
  WORKLOAD_DELETE,
  WORKLOAD_KIND,
  WORKLOAD_NODES,
  WORKLOAD_PLACEMENT,
  WORKLOAD_POLICY,
  WORKLOAD_SIZE,
} from './workload.ts';

/** In the order of docs/debugfs.md. */
export const BOX_FILES = {
  LOG,
  EVENTS,
  FAULT_INJECT,
  FAULT_CLEAR,
  FAULT_LIST,
  POISON,
  CAPACITY_ADD,
  CAPACITY_RELEASE,
  CAPACITY_EXTENTS,
  WORKLOAD_CREATE,
  WORKLOAD_DELETE,
  WORKLOAD_SIZE,
  WORKLOAD_KIND,
  WORKLOAD_POLICY,
  WORKLOAD_NODES,
  WORKLOAD_PLACEMENT,
  DAX_USE,
} as const;

/** Those that are no text: only the bridge opens them. */
export const BOX_STREAMS = { CALLS } as const;
