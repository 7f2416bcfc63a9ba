/**
 * The `cxl` command.
 */
import { createRegion } from './cxl-create-region.ts';
import {
  bindToAny,
  CXL_DEVICES,
  destroyRegion,
  disableRegion,
  enableRegion,
} from './cxl-region.ts';
import {
  driverOf,
  parseOptions,
  readLine,
  realPath,
  type Tool,
  type ToolContext,
  type ToolOutcome,
  writeNumber,
  writeString,
} from './tool.ts';

function flush(context: ToolContext): void {
  writeNumber(context, '/sys/bus/cxl/flush', 1);
}

/** True if a region that has a driver uses a decoder of the memory device. */
function inActiveRegion(context: ToolContext, memdev: string): boolean {
  const endpoint = context.files
    .list(CXL_DEVICES)
    .filter((name) => /^endpoint\d+$/.test(name))
    .map((name) => `${CXL_DEVICES}/${name}`)
    .find(
      (path) =>
        realPath(context, `${path}/uport`) === realPath(context, `${CXL_DEVICES}/${memdev}`),
    );
  if (endpoint === undefined) return false;
  return context.files
    .list(endpoint)
    .filter((name) => /^decoder\d+\.\d+$/.test(name))
    .map((name) => readLine(context, `${endpoint}/${name}/region`))
    .some((region) => region !== '' && driverOf(context, `${CXL_DEVICES}/${region}`) !== undefined);
}

function disableMemdev(context: ToolContext, words: readonly string[]): ToolOutcome {
  const { options, names } = parseOptions(words, []);
  let refused = false;
  for (const name of names) {
    if (inActiveRegion(context, name) && !options.has('-f')) {
      refused = true;
      continue;
    }
    writeString(context, `${CXL_DEVICES}/${name}/driver/unbind`, name);
    flush(context);
  }
  return { status: refused ? 1 : 0 };
}

function enableMemdev(context: ToolContext, words: readonly string[]): ToolOutcome {
  const refused = parseOptions(words, []).names.filter(
    (name) => bindToAny(context, name) !== undefined,
  );
  return { status: refused.length > 0 ? 1 : 0 };
}

const COMMANDS: Readonly<Record<string, Tool>> = {
  'create-region': createRegion,
  'enable-region': enableRegion,
  'disable-region': disableRegion,
  'destroy-region': destroyRegion,
  'enable-memdev': enableMemdev,
  'disable-memdev': disableMemdev,
};

/** Commands that write, to sysfs or a mailbox, and are not known here. */
const OTHER_WRITERS: ReadonlySet<string> = new Set([
  'clear-poison',
  'disable-bus',
  'disable-port',
  'enable-port',
  'free-dpa',
  'inject-media-poison',
  'inject-protocol-error',
  'reserve-dpa',
  'sanitize-memdev',
  'set-alert-config',
  'set-partition',
  'update-firmware',
  'write-labels',
  'zero-labels',
]);

/**
 * A command flushes before each scan: noted once, and not for listings, which write nothing else.
 */
export const cxl: Tool = (context, [name = '', ...words]) => {
  if (OTHER_WRITERS.has(name)) return undefined;
  const command = COMMANDS[name];
  if (command === undefined || words.includes('--help')) return {};
  flush(context);
  return command(context, words);
};
