/**
 * What the recorder looked at last: the snapshots and lists that the next observation is compared
 * with.
 */
import type { Devtmpfs } from '../driver-core/devtmpfs.ts';
import { type Delta, difference } from './delta.ts';
import { excluded } from './normalise.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { daxNodes, iomemLines, lineChanges } from './state-views.ts';
import type { DeltaStep, TraceHeader } from './trace.ts';
import type { TreeFiles } from './tree-files.ts';

/** Walks dumped the boot memory's blocks only at their start and end. */
const BOOT_BLOCK = /\/memory(?:\d|[123]\d|4[0-7])(?:\/|$)/;

interface Scope {
  readonly roots: readonly string[];
  snapshot: Snapshot;
  /** /proc/iomem and the dax nodes at the delta before the last one, and at the last. */
  sidesBefore: readonly string[];
  sidesAfter: readonly string[];
  /** False until its first delta: up to then a full dump is what that delta refers to. */
  started: boolean;
  /** Subtrees that the recorder saw late: ignored until they are listed again. */
  readonly late: Set<string>;
}

/**
 * The links that a `plus` text adds to the roots, e.g. "the links /sys/bus/cxl/devices/*region*,
 * ...".
 */
function extraRoots(plus: string | undefined): string[] {
  return [...(plus ?? '').matchAll(/the links (\/sys\/[^\s,]+)/g)].flatMap(
    ([, path]) => path ?? [],
  );
}

/** Matches a root of a scope, whatever its wildcards stand for, and what is below. */
function rootPattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${escaped}(?:/|$)`);
}

const DEVICE_LINE = '/dev/';

function withoutDevices(changes: readonly string[]): string[] {
  return changes.filter((each) => !each.slice(1).startsWith(DEVICE_LINE));
}

export class References {
  private readonly files: TreeFiles;
  private readonly devtmpfs: Devtmpfs;
  private readonly scopes = new Map<string, Scope>();
  private readonly skipsBootBlocks: boolean;

  constructor(files: TreeFiles, devtmpfs: Devtmpfs, header: TraceHeader) {
    this.files = files;
    this.devtmpfs = devtmpfs;
    this.skipsBootBlocks = JSON.stringify(header.watch?.exclude ?? '').includes(
      'memory blocks 0 to 47',
    );
    for (const [name, watch] of Object.entries(header.watch ?? {})) {
      if (typeof watch === 'string') continue;
      this.scopes.set(name, {
        roots: [...watch.roots, ...extraRoots(watch.plus)],
        started: false,
        snapshot: new Map(),
        sidesBefore: [],
        sidesAfter: [],
        late: new Set(),
      });
    }
    this.resync();
  }

  get devices(): Devtmpfs {
    return this.devtmpfs;
  }

  /** The recorder took a new reference: everything as it is now. */
  resync(): void {
    for (const scope of this.scopes.values()) {
      scope.snapshot = takeSnapshot(this.files.root, scope.roots);
      this.rememberSides(scope);
    }
  }

  /** A full dump below `root` was recorded: the reference of a scope that has had no delta yet. */
  dumped(root: string): void {
    for (const scope of this.scopes.values()) {
      const covered = scope.roots.some((pattern) => rootPattern(pattern).test(root));
      if (covered && !scope.started) scope.snapshot = takeSnapshot(this.files.root, scope.roots);
    }
  }

  /** All of /proc/iomem was recorded: the reference as long as there was no delta. */
  listedIomem(): void {
    for (const scope of this.scopes.values()) if (!scope.started) this.rememberSides(scope);
  }

  /**
   * Undefined for a scope that the header does not describe. `last`: no delta of this scope
   * follows.
   */
  delta(
    step: DeltaStep,
    last: boolean,
  ): { readonly found: Delta; readonly ignored: (path: string) => boolean } | undefined {
    const scope = this.scopes.get(step.scope);
    if (scope === undefined) return undefined;
    const after = this.snapshot(scope, last);
    const found = difference(scope.snapshot, after);
    scope.snapshot = after;
    scope.started = true;
    scope.sidesBefore = scope.sidesAfter;
    scope.sidesAfter = this.sideLines();
    return { found, ignored: this.lateFilter(scope, step) };
  }

  private snapshot(scope: Scope, last: boolean): Snapshot {
    if (!this.skipsBootBlocks || last) return takeSnapshot(this.files.root, scope.roots);
    const after = takeSnapshot(
      this.files.root,
      scope.roots,
      (path) => BOOT_BLOCK.test(path) || excluded(path),
    );
    for (const [path, node] of scope.snapshot) if (BOOT_BLOCK.test(path)) after.set(path, node);
    return after;
  }

  private lateFilter(scope: Scope, step: DeltaStep): (path: string) => boolean {
    const listed = typeof step.late === 'string' ? [step.late] : (step.late ?? []);
    const active = new Set([...scope.late, ...listed]);
    for (const path of listed) {
      if (scope.late.has(path)) scope.late.delete(path);
      else scope.late.add(path);
    }
    return (path) => [...active].some((root) => path === root || path.startsWith(`${root}/`));
  }

  private rememberSides(scope: Scope): void {
    scope.sidesAfter = this.sideLines();
    scope.sidesBefore = scope.sidesAfter;
  }

  /** What deltas cover besides the tree. */
  private sideLines(): string[] {
    const devices = [...daxNodes(this.devtmpfs)].map(
      ([name, minor]) => `${DEVICE_LINE}${name} minor ${minor}`,
    );
    return [...iomemLines(this.files), ...devices];
  }

  /**
   * How /proc/iomem may have changed according to the recorder: each scope has a reference of its
   * own, and a change is given behind the delta or just before it.
   */
  iomemChanges(): string[][] {
    const now = this.sideLines();
    return [...this.scopes.values()].flatMap((scope) => [
      withoutDevices(lineChanges(scope.sidesBefore, scope.sidesAfter)),
      withoutDevices(lineChanges(scope.sidesAfter, now)),
    ]);
  }

  /** What changed in /proc/iomem and of the dax nodes at the scope's last delta. */
  sideChanges(scope: string): string[] {
    const found = this.scopes.get(scope);
    return found === undefined ? [] : lineChanges(found.sidesBefore, found.sidesAfter);
  }
}
