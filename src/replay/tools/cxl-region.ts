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

/** Offers the device to every driver of the bus in listing order until one takes it. The last errno if none did. */
export function bindToAny(context: ToolContext, name: string): string | undefined {
  if (driverOf(context, `${CXL_DEVICES}/${name}`) !== undefined) return undefined;
  for (const driver of context.files.list(CXL_DRIVERS)) {
    if (context.files.lookup(`${CXL_DRIVERS}/${driver}/bind`) === undefined) continue;
    if (writeString(context, `${CXL_DRIVERS}/${driver}/bind`, name) === undefined) break;
  }
  return driverOf(context, `${CXL_DEVICES}/${name}`) === undefined ? 'ENXIO' : undefined;
}

/** The dax devices of `dax_regionN` directly below the region: the only place where the tool looks. */
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

/** Regions that the words name; `all`: every region. */
function regionsNamed(context: ToolContext, names: readonly string[]): string[] {
  const all = context.files.list(CXL_DEVICES).filter((name) => /^region\d+$/.test(name));
  return names.includes('all') ? all : all.filter((name) => names.includes(name));
}

function destroy(context: ToolContext, region: string): string | undefined {
  const path = `${CXL_DEVICES}/${region}`;
  writeNumber(context, `${path}/commit`, 0);
  const ways = Number(readLine(context, `${path}/interleave_ways`));
  for (let position = 0; position < ways; position += 1) {
    const decoder = readLine(context, `${path}/target${position}`);
    writeString(context, `${path}/target${position}`, '');
    if (decoder !== '') writeNumber(context, `${CXL_DEVICES}/${decoder}/dpa_size`, 0);
  }
  const root = realPath(context, path)?.split('/').slice(0, -1).join('/');
  return writeString(context, `${root}/delete_region`, region);
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
  const { options, names } = parseOptions(words, []);
  return forEachRegion(context, names, (region) => {
    const busy = offlineMemory(context, region);
    return busy !== undefined && !options.has('-f') ? busy : unbind(context, region);
  });
}

export function destroyRegion(context: ToolContext, words: readonly string[]): ToolOutcome {
  const { options, names } = parseOptions(words, []);
  return forEachRegion(context, names, (region) => {
    if (driverOf(context, `${CXL_DEVICES}/${region}`) !== undefined) {
      if (!options.has('-f')) return 'EBUSY';
      offlineMemory(context, region);
      const refused = unbind(context, region);
      if (refused !== undefined) return refused;
    }
    return destroy(context, region);
  });
}
