/**
 * `cxl create-region -t ram`.
 */
import { bindToAny, CXL_DEVICES } from './cxl-region.ts';
import {
  parseOptions,
  parseToolSize,
  readLine,
  realPath,
  type ToolContext,
  type ToolOutcome,
  writeNumber,
  writeString,
} from './tool.ts';

const VALUED = [
  '-t',
  '--type',
  '-d',
  '--decoder',
  '-w',
  '--ways',
  '-s',
  '--size',
  '-g',
  '--granularity',
  '-U',
];

interface Target {
  readonly memdev: string;
  readonly endpoint: string;
}

function endpoints(context: ToolContext): Target[] {
  return context.files
    .list(CXL_DEVICES)
    .filter((name) => /^endpoint\d+$/.test(name))
    .sort((left, right) => Number(left.slice(8)) - Number(right.slice(8)))
    .map((endpoint) => ({
      endpoint: realPath(context, `${CXL_DEVICES}/${endpoint}`) ?? '',
      memdev: realPath(context, `${CXL_DEVICES}/${endpoint}/uport`)?.split('/').at(-1) ?? '',
    }));
}

/** The named memory devices in the order of the command line; all enabled ones if none is named. */
function chooseTargets(context: ToolContext, names: readonly string[]): Target[] {
  const all = endpoints(context);
  if (names.length === 0) return all;
  return [...new Set(names)].flatMap((name) => all.find(({ memdev }) => memdev === name) ?? []);
}

/** The first endpoint decoder that maps nothing. */
function freeDecoder(context: ToolContext, endpoint: string): string | undefined {
  return context.files
    .list(endpoint)
    .filter((name) => /^decoder\d+\.\d+$/.test(name))
    .sort((left, right) => Number(left.split('.')[1]) - Number(right.split('.')[1]))
    .find((name) => Number(readLine(context, `${endpoint}/${name}/size`)) === 0);
}

function attach(
  context: ToolContext,
  region: string,
  position: number,
  target: Target,
  type: string,
  size: number,
): string | undefined {
  const decoder = freeDecoder(context, target.endpoint);
  if (decoder === undefined) return 'ENXIO';
  const path = `${target.endpoint}/${decoder}`;
  const writes = [
    (): string | undefined => writeNumber(context, `${path}/dpa_size`, 0),
    (): string | undefined =>
      readLine(context, `${path}/mode`) === type
        ? undefined
        : writeString(context, `${path}/mode`, type),
    (): string | undefined => writeNumber(context, `${path}/dpa_size`, `0x${size.toString(16)}`),
    (): string | undefined => writeString(context, `${region}/target${position}`, decoder),
  ];
  for (const write of writes) {
    const errno = write();
    if (errno !== undefined) return errno;
  }
  return undefined;
}

/** Sets the new region up to commit. The first errno. */
function build(
  context: ToolContext,
  region: string,
  targets: readonly Target[],
  type: string,
  granularity: string,
  size: number,
): string | undefined {
  const first =
    writeNumber(context, `${region}/interleave_granularity`, granularity) ??
    writeNumber(context, `${region}/interleave_ways`, targets.length) ??
    writeNumber(context, `${region}/size`, `0x${size.toString(16)}`);
  if (first !== undefined) return first;
  for (const [position, target] of targets.entries()) {
    const errno = attach(context, region, position, target, type, size / targets.length);
    if (errno !== undefined) return errno;
  }
  return writeNumber(context, `${region}/commit`, 1);
}

/** Only volatile regions: what the recordings have. The output is not emulated. */
export function createRegion(
  context: ToolContext,
  words: readonly string[],
): ToolOutcome | undefined {
  const { options, names } = parseOptions(words, VALUED);
  if (options.has('--help')) return undefined;
  const type = options.get('-t') ?? 'ram';
  const decoder = options.get('-d') ?? 'decoder0.0';
  const targets = chooseTargets(context, names);
  const ways = Number(options.get('-w') ?? targets.length);
  if (targets.length === 0 || ways !== targets.length) return { status: 1, stdout: '' };
  const capacities = targets.map(({ memdev }) =>
    Number(readLine(context, `${CXL_DEVICES}/${memdev}/${type}/size`)),
  );
  const size = options.has('-s')
    ? parseToolSize(options.get('-s') ?? '')
    : Math.min(...capacities) * ways;
  const root = `${CXL_DEVICES}/${decoder}`;
  const name = readLine(context, `${root}/create_${type}_region`);
  if (writeString(context, `${root}/create_${type}_region`, name) !== undefined)
    return { status: 1, stdout: '' };
  const granularity = options.get('-g') ?? readLine(context, `${root}/interleave_granularity`);
  const region = `${root}/${name}`;
  const errno =
    build(context, region, targets, type, granularity, size) ?? bindToAny(context, name);
  if (errno === undefined) return { status: 0 };
  writeString(context, `${root}/delete_region`, name);
  return { status: 1, stdout: '' };
}
