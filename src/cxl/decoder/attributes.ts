/**
 * What decoders show (`drivers/cxl/core/port.c`, 7.2). Those of endpoint decoders that allocate DPA
 * are in `dpa.ts`.
 */

import type { Attribute, AttributeGroup } from '../../kernfs/attribute.ts';
import { hex } from '../../kernfs/format.ts';
import type {
  AnyDecoder,
  EndpointDecoder,
  RootDecoder,
  SwitchDecoder,
} from '../objects/decoder.ts';
import { PARTITION_MODES } from '../objects/partition.ts';
import type { Dport } from '../objects/port.ts';
import type { RegionOperations } from '../objects/region.ts';
import { DECODER_REGION_FILES, DYNAMIC_CAPACITY_FILES } from '../sources.ts';
import { DPA_ATTRIBUTES } from './dpa.ts';

function flag(value: boolean): string {
  return value ? '1\n' : '0\n';
}

const COMMON: readonly Attribute<AnyDecoder>[] = [
  { name: 'start', mode: 0o400, show: ({ hpa }) => `${hex(hpa.start)}\n` },
  { name: 'size', mode: 0o444, show: ({ hpa }) => `${hex(hpa.size)}\n` },
  { name: 'locked', mode: 0o444, show: ({ locked }) => flag(locked) },
  {
    name: 'interleave_granularity',
    mode: 0o444,
    show: (decoder) => `${decoder.interleaveGranularity}\n`,
  },
  { name: 'interleave_ways', mode: 0o444, show: (decoder) => `${decoder.interleaveWays}\n` },
];

/** emit_target_list(): ends at the first position without a dport. */
function targetList(targets: readonly (Dport | undefined)[], ways: number): string {
  const ids: number[] = [];
  for (const dport of targets.slice(0, ways)) {
    if (dport === undefined) break;
    ids.push(dport.id);
  }
  return `${ids.join(',')}\n`;
}

const TARGET_LIST: Attribute<RootDecoder | SwitchDecoder> = {
  name: 'target_list',
  mode: 0o444,
  show: (decoder) => targetList(decoder.targets, decoder.interleaveWays),
};

const HDM: readonly Attribute<SwitchDecoder | EndpointDecoder>[] = [
  { name: 'target_type', mode: 0o444, show: ({ targetType }) => `${targetType}\n` },
  {
    name: 'region',
    mode: 0o444,
    show: ({ region }) => `${region?.name ?? ''}\n`,
    source: DECODER_REGION_FILES,
  },
];

export const switchDecoderGroups: readonly AttributeGroup<SwitchDecoder>[] = [
  { attributes: [...COMMON, TARGET_LIST, ...HDM] },
];

export const endpointDecoderGroups: readonly AttributeGroup<EndpointDecoder>[] = [
  { attributes: [...COMMON, ...HDM, ...DPA_ATTRIBUTES] },
];

const ROOT: readonly Attribute<RootDecoder>[] = [
  ...COMMON,
  TARGET_LIST,
  { name: 'cap_pmem', mode: 0o444, show: ({ capabilities }) => flag(capabilities.pmem) },
  { name: 'cap_ram', mode: 0o444, show: ({ capabilities }) => flag(capabilities.ram) },
  { name: 'cap_type2', mode: 0o444, show: ({ capabilities }) => flag(capabilities.type2) },
  { name: 'cap_type3', mode: 0o444, show: ({ capabilities }) => flag(capabilities.type3) },
  { name: 'qos_class', mode: 0o444, show: ({ qosClass }) => `${qosClass}\n` },
];

function canCreate(root: RootDecoder, name: string): boolean {
  const { ram, pmem, type3 } = root.capabilities;
  const allowed: Readonly<Record<string, boolean>> = {
    create_ram_region: ram,
    create_pmem_region: pmem,
    create_dynamic_ram_a_region: root.dynamicRam,
    delete_region: ram || pmem,
  };
  return type3 && allowed[name] === true;
}

/** Errors of the stores are those of RegionOperations. */
function regionGroup(regions: RegionOperations): AttributeGroup<RootDecoder> {
  const show = ({ cachedRegionId }: RootDecoder): string => `region${cachedRegionId}\n`;
  return {
    attributes: [
      ...PARTITION_MODES.map(
        (mode): Attribute<RootDecoder> => ({
          name: `create_${mode}_region`,
          source: mode === 'dynamic_ram_a' ? DYNAMIC_CAPACITY_FILES : DECODER_REGION_FILES,
          mode: 0o644,
          show,
          store: (root, text) => regions.createRegion(root, text, mode),
        }),
      ),
      {
        name: 'delete_region',
        source: DECODER_REGION_FILES,
        mode: 0o200,
        store: (root, text) => regions.deleteRegion(root, text),
      },
    ],
    visible: (root, attribute) => (canCreate(root, attribute.name) ? attribute.mode : 0),
  };
}

export function rootDecoderGroups(
  regions: RegionOperations,
): readonly AttributeGroup<RootDecoder>[] {
  return [{ attributes: ROOT }, regionGroup(regions)];
}
