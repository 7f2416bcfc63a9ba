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
  '-b',
  '--bus',
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
  '--uuid',
];

interface Target {
  readonly memdev: string;
  readonly endpoint: string;
}

/** Enabled memory devices whose host bridge is a target of the root decoder. */
function targetsBelow(context: ToolContext, root: string): Target[] {
  const bus = `${realPath(context, root)?.split('/').slice(0, -1).join('/')}`;
  const bridges = readLine(context, `${root}/target_list`)
    .split(',')
    .flatMap((id) => realPath(context, `${bus}/dport${id}`) ?? []);
  return context.files
    .list(CXL_DEVICES)
    .filter((name) => /^endpoint\d+$/.test(name))
    .sort((left, right) => Number(left.slice(8)) - Number(right.slice(8)))
    .map((endpoint) => ({
      endpoint: realPath(context, `${CXL_DEVICES}/${endpoint}`) ?? '',
      host: realPath(context, `${CXL_DEVICES}/${endpoint}/uport`) ?? '',
    }))
    .filter(({ host }) => bridges.some((bridge) => host.startsWith(`${bridge}/`)))
    .map(({ endpoint, host }) => ({ endpoint, memdev: host.split('/').at(-1) ?? '' }));
}

/**
 * The memory devices that the tool printed for its new region, by position; none if it printed no
 * region.
 */
function printedTargets({ step }: ToolContext): string[] {
  const mapping = /"position":\s*(\d+),\s*"memdev":\s*"(mem\d+)"/g;
  const found = [...(step.stdout ?? '').matchAll(mapping)];
  return found
    .sort((left, right) => Number(left[1]) - Number(right[1]))
    .map(([, , memdev]) => memdev ?? '');
}

/**
 * In the order of the command line; if it names none, as the tool printed them, else all. In which
 * order the tool then has them is not known: by their endpoints, or the other way round.
 */
function chooseTargets(context: ToolContext, root: string, names: readonly string[]): Target[] {
  const all = targetsBelow(context, root);
  const wanted = names.length > 0 ? names : printedTargets(context);
  if (wanted.length === 0) return all.length > 1 && context.choose(2) === 1 ? all.reverse() : all;
  return [...new Set(wanted)].flatMap((name) => all.find(({ memdev }) => memdev === name) ?? []);
}

const ALIGNMENT = 2 ** 28;

/** The longest free range of the root decoder's window. */
function availableExtent(context: ToolContext, root: string): number {
  const taken = context.files
    .list(root)
    .filter((name) => /^region\d+$/.test(name))
    .map((name) => ({
      start: Number(readLine(context, `${root}/${name}/resource`)),
      size: Number(readLine(context, `${root}/${name}/size`)),
    }))
    .filter(({ size }) => size > 0)
    .sort((left, right) => left.start - right.start);
  let at = Number(readLine(context, `${root}/start`));
  const end = at + Number(readLine(context, `${root}/size`));
  let longest = 0;
  for (const { start, size } of taken) {
    longest = Math.max(longest, start - at);
    at = start + size;
  }
  return Math.max(longest, end - at);
}

/**
 * The size that is asked for, else as much as devices and window allow; undefined: there is no
 * room.
 */
function chooseSize(
  context: ToolContext,
  root: string,
  targets: readonly Target[],
  type: string,
  asked: string | undefined,
): number | undefined {
  const extent = availableExtent(context, root);
  if (asked !== undefined) {
    const size = parseToolSize(asked);
    return size <= extent ? size : undefined;
  }
  const capacities = targets.map(({ memdev }) =>
    Number(readLine(context, `${CXL_DEVICES}/${memdev}/${type}/size`)),
  );
  const size = Math.min(...capacities) * targets.length;
  const unit = ALIGNMENT * targets.length;
  const fitting = size > extent ? Math.floor(extent / unit) * unit : size;
  return fitting > 0 ? fitting : undefined;
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

const FAILED: ToolOutcome = { status: 1 };

/**
 * Volatile regions, which is what recordings have. With devices named, as many as `-w` says;
 * without, the tool picks the first ones below the root decoder.
 */
export function createRegion(
  context: ToolContext,
  words: readonly string[],
): ToolOutcome | undefined {
  const { options, names } = parseOptions(words, VALUED);
  const option = (short: string, long: string): string | undefined =>
    options.get(short) ?? options.get(long);
  const type = option('-t', '--type') ?? 'ram';
  if (type !== 'ram') return undefined;
  const root = `${CXL_DEVICES}/${option('-d', '--decoder') ?? 'decoder0.0'}`;
  const found = chooseTargets(context, root, names);
  const asked = option('-w', '--ways');
  const ways = asked === undefined ? names.length || found.length : Number(asked);
  if (found.length === 0 || ways > found.length) return FAILED;
  if (names.length > 0 && ways !== found.length) return FAILED;
  const targets = found.slice(0, ways);
  const size = chooseSize(context, root, targets, type, option('-s', '--size'));
  if (size === undefined) return FAILED;
  const name = readLine(context, `${root}/create_${type}_region`);
  if (writeString(context, `${root}/create_${type}_region`, name) !== undefined) return FAILED;
  const granularity =
    option('-g', '--granularity') ?? readLine(context, `${root}/interleave_granularity`);
  const region = `${root}/${name}`;
  const errno =
    build(context, region, targets, type, granularity, size) ?? bindToAny(context, name);
  if (errno === undefined) return { status: 0 };
  writeString(context, `${root}/delete_region`, name);
  return FAILED;
}
