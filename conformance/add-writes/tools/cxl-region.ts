/**
 * `cxl enable-region`, `disable-region` and `destroy-region`.
 */
import { switchBlocks } from './memory-blocks.ts';
import {
  driverOf,
  parseOptions,
  readLine,
  realPath,
  type ToolContext,
  type ToolOutcome,
  writeNumber,
  writeString,
} from './tool.ts';

export const CXL_DEVICES = '/sys/bus/cxl/devices';
const CXL_DRIVERS = '/sys/bus/cxl/drivers';

/**
 * Offers the device to every driver of the bus in listing order until one takes it. The last errno
 * if none did.
 */
export function bindToAny(context: ToolContext, name: string): string | undefined {
  if (driverOf(context, `${CXL_DEVICES}/${name}`) !== undefined) return undefined;
  for (const driver of context.files.list(CXL_DRIVERS)) {
    if (context.files.lookup(`${CXL_DRIVERS}/${driver}/bind`) === undefined) continue;
    if (writeString(context, `${CXL_DRIVERS}/${driver}/bind`, name) === undefined) break;
  }
  return driverOf(context, `${CXL_DEVICES}/${name}`) === undefined ? 'ENXIO' : undefined;
}

/**
 * The dax devices of `dax_regionN` directly below the region: the only place where the tool looks.
 */
function daxDevices(context: ToolContext, region: string): string[] {
  const home = `${realPath(context, `${CXL_DEVICES}/${region}`)}/dax_region${region.slice('region'.length)}`;
  return context.files
    .list(home)
    .filter((name) => /^dax\d+\.\d+$/.test(name))
    .map((name) => `${home}/${name}`);
}

/** Offlines what kmem has of the region. The first errno. */
function offlineMemory(context: ToolContext, region: string): string | undefined {
  for (const device of daxDevices(context, region)) {
    if (driverOf(context, device) !== 'kmem') continue;
    const { errno } = switchBlocks(context, device, 'offline');
    if (errno !== undefined) return errno;
  }
  return undefined;
}

function unbind(context: ToolContext, name: string): string | undefined {
  const path = `${CXL_DEVICES}/${name}`;
  return driverOf(context, path) === undefined
    ? undefined
    : writeString(context, `${path}/driver/unbind`, name);
}

/**
 * Regions that the words name; `all`: every region. Ascending: the tool keeps them by their start.
 */
function regionsNamed(context: ToolContext, names: readonly string[]): string[] {
  const startOf = (name: string): number =>
    Number(readLine(context, `${CXL_DEVICES}/${name}/resource`));
  const all = context.files
    .list(CXL_DEVICES)
    .filter((name) => /^region\d+$/.test(name))
    .sort((left, right) => startOf(left) - startOf(right));
  return names.includes('all') ? all : all.filter((name) => names.includes(name));
}

/** The region's targets, by position; an empty text for none. */
function targetsOf(context: ToolContext, region: string): string[] {
  const path = `${CXL_DEVICES}/${region}`;
  const ways = Number(readLine(context, `${path}/interleave_ways`));
  return Array.from({ length: ways }, (_, position) =>
    readLine(context, `${path}/target${position}`),
  );
}

/**
 * A later decoder of the same endpoint still has DPA: it would have to be freed before `decoder`.
 */
function hasLaterDecoder(context: ToolContext, decoder: string): boolean {
  const [port = '', index = ''] = decoder.slice('decoder'.length).split('.');
  return context.files.list(CXL_DEVICES).some((name) => {
    const [otherPort = '', otherIndex = ''] = name.slice('decoder'.length).split('.');
    if (!name.startsWith('decoder') || otherPort !== port) return false;
    const later = Number(otherIndex) > Number(index);
    return later && Number(readLine(context, `${CXL_DEVICES}/${name}/dpa_size`)) !== 0;
  });
}

function isOutOfOrder(context: ToolContext, region: string): boolean {
  return targetsOf(context, region).some(
    (decoder) => decoder !== '' && hasLaterDecoder(context, decoder),
  );
}

/** Stops at the first refusal of a target or of its DPA. */
function destroy(context: ToolContext, region: string): string | undefined {
  const path = `${CXL_DEVICES}/${region}`;
  const reset = writeNumber(context, `${path}/commit`, 0);
  if (reset !== undefined) return reset;
  for (const [position, decoder] of targetsOf(context, region).entries()) {
    const refused =
      decoder === ''
        ? 'ENXIO'
        : (writeString(context, `${path}/target${position}`, '') ??
          writeNumber(context, `${CXL_DEVICES}/${decoder}/dpa_size`, 0));
    if (refused !== undefined) return refused;
  }
  const root = realPath(context, path)?.split('/').slice(0, -1).join('/');
  return writeString(context, `${root}/delete_region`, region);
}

/**
 * Versions differ on a region that is not the last of its devices: some let the kernel refuse the
 * DPA behind it (the first way; 76 does), later ones refuse before any write, or after the region
 * is disabled.
 */
const OUT_OF_ORDER_WAYS = 3;
const REFUSES_FIRST = 1;
const REFUSES_DISABLED = 2;

function destroyOne(context: ToolContext, region: string, forced: boolean): string | undefined {
  if (readLine(context, `${CXL_DEVICES}/${region}/locked`) === '1') return 'EPERM';
  const way = isOutOfOrder(context, region) ? context.choose(OUT_OF_ORDER_WAYS) : 0;
  if (way === REFUSES_FIRST) return 'EBUSY';
  if (driverOf(context, `${CXL_DEVICES}/${region}`) !== undefined) {
    if (!forced) return 'EBUSY';
    offlineMemory(context, region);
    const refused = unbind(context, region);
    if (refused !== undefined) return refused;
  }
  return way === REFUSES_DISABLED ? 'EBUSY' : destroy(context, region);
}

/** Runs `action` on each region; exit status 1 if one was refused. */
function forEachRegion(
  context: ToolContext,
  names: readonly string[],
  action: (region: string) => string | undefined,
): ToolOutcome {
  let refused = false;
  for (const region of regionsNamed(context, names))
    if (action(region) !== undefined) refused = true;
  return { status: refused ? 1 : 0 };
}

export function enableRegion(context: ToolContext, words: readonly string[]): ToolOutcome {
  return forEachRegion(context, parseOptions(words, []).names, (region) =>
    bindToAny(context, region),
  );
}

export function disableRegion(context: ToolContext, words: readonly string[]): ToolOutcome {
  const { options, names } = parseOptions(words, ['-b', '--bus', '-d', '--decoder']);
  const forced = options.has('-f') || options.has('--force');
  return forEachRegion(context, names, (region) => {
    const busy = offlineMemory(context, region);
    return busy !== undefined && !forced ? busy : unbind(context, region);
  });
}

export function destroyRegion(context: ToolContext, words: readonly string[]): ToolOutcome {
  const { options, names } = parseOptions(words, ['-b', '--bus', '-d', '--decoder']);
  const forced = options.has('-f') || options.has('--force');
  return forEachRegion(context, names, (region) => destroyOne(context, region, forced));
}
