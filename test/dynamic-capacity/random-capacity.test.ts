// Random offers, releases, bindings and block states against a few lines that say what the host may
// have.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SEED } from '../properties/seed.ts';
import { CXL, DynamicMachine, MIB, SIZE, type Surface } from './machine.ts';

/** Extents are pieces of this in the test: a memory block. */
const UNIT = 128 * MIB;
const UNITS = SIZE / UNIT;
const FIRST_BLOCK = 0x190000000 / UNIT;

type Step =
  | { readonly kind: 'add' | 'release' | 'force'; readonly at: number; readonly units: number }
  | { readonly kind: 'block'; readonly at: number; readonly state: 'offline' | 'online_movable' }
  | { readonly kind: 'open'; readonly open: boolean }
  | { readonly kind: 'rebind'; readonly surface: Surface };

const at = fc.integer({ min: 0, max: UNITS - 1 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('add', 'add', 'release', 'force'),
    at,
    units: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('block' as const),
    at,
    state: fc.constantFrom('offline' as const, 'online_movable' as const),
  }),
  fc.record({ kind: fc.constant('open' as const), open: fc.boolean() }),
  fc.record({
    kind: fc.constant('rebind' as const),
    surface: fc.constantFrom('devdax' as const, 'sysram' as const),
  }),
);

/** What binds and unbinds a region, by what is bound. */
const DRIVER = {
  devdax: 'cxl_devdax_region',
  sysram: 'cxl_sysram_region',
  cxl_region: 'cxl_region',
} as const;

function apply(host: DynamicMachine, surface: Surface, step: Step): Surface {
  if (step.kind === 'block') {
    host.outcome(`/sys/devices/system/memory/memory${FIRST_BLOCK + step.at}/state`, step.state);
    return surface;
  }
  if (step.kind === 'open') {
    host.machine.dax.askOpenOf(() => step.open);
    return surface;
  }
  if (step.kind === 'rebind') {
    host.write(`${CXL}/drivers/${DRIVER[surface]}/unbind`, 'region0');
    host.bind(step.surface);
    return step.surface;
  }
  const range = `${step.at * UNIT} ${step.units * UNIT}`;
  if (step.kind === 'add') host.add(range);
  else host.release(step.kind === 'force' ? `${range} force` : range);
  return surface;
}

/**
 * Units of the partition that the device says the host has; that no two extents overlap is checked
 * on the way.
 */
function unitsOf(host: DynamicMachine): Set<number> {
  const units = new Set<number>();
  for (const line of host.extents()) {
    const [offset = 0, length = 0] = line.split(' ').map(Number);
    for (let unit = offset / UNIT; unit < (offset + length) / UNIT; unit += 1) {
      expect(units.has(unit)).toBe(false);
      units.add(unit);
    }
  }
  return units;
}

function check(host: DynamicMachine): void {
  const { dax, mm } = host.machine;
  const had = unitsOf(host);
  const names = host.names('bus/dax/devices');
  // No two devices share memory.
  const held = names.flatMap((name) => dax.deviceByNode(name)?.ranges ?? []);
  const sorted = [...held].sort((a, b) => a.start - b.start);
  for (const [index, range] of sorted.entries())
    expect(range.start).toBeGreaterThan(sorted[index - 1]?.end ?? 0);
  // Whatever the host has is a device's, or memory that kmem left behind.
  const inDevices = new Set(
    sorted.flatMap(({ start, end }) => {
      const first = start / UNIT - FIRST_BLOCK;
      return Array.from({ length: (end + 1 - start) / UNIT }, (_, index) => first + index);
    }),
  );
  for (const unit of had) {
    const kept = mm.iomem.intersectsBusySystemRam((FIRST_BLOCK + unit) * UNIT, UNIT);
    expect(inDevices.has(unit) || kept).toBe(true);
  }
  // One extentX.Y for each range of a device.
  const files = host
    .names('bus/cxl/devices/dax_region0')
    .filter((name) => name.startsWith('extent'));
  expect(files).toHaveLength(sorted.length);
}

it('what the host has, its devices and its memory blocks agree after any sequence', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Surface>('devdax', 'sysram'),
      fc.array(STEP, { maxLength: 30 }),
      (first, steps) => {
        const host = new DynamicMachine(first);
        let surface = first;
        for (const step of steps) {
          surface = apply(host, surface, step);
          check(host);
        }
        // The end of all: what is not left behind by kmem goes back to the device.
        host.write(`${CXL}/drivers/${DRIVER[surface]}/unbind`, 'region0');
        for (const unit of unitsOf(host))
          expect(
            host.machine.mm.iomem.intersectsBusySystemRam((FIRST_BLOCK + unit) * UNIT, UNIT),
          ).toBe(true);
      },
    ),
    { numRuns: 60, seed: SEED },
  );
});
