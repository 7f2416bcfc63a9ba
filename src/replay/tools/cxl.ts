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
  toolOf,
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

/** Every command of the tool flushes first. */
export const cxl: Tool = toolOf(
  {
    'create-region': createRegion,
    'enable-region': enableRegion,
    'disable-region': disableRegion,
    'destroy-region': destroyRegion,
    'enable-memdev': enableMemdev,
    'disable-memdev': disableMemdev,
  },
  (context) => {
    flush(context);
    return true;
  },
);
