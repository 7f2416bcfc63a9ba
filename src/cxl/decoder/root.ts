/**
 * Root decoders: one for each window of the CEDT (`cxl_parse_cfmws`, `drivers/cxl/acpi.c`, 7.2).
 */

import type { Device, DeviceType } from '../../driver-core/device.ts';
import { KernelError } from '../../errno.ts';
import { CAPACITY_MULTIPLE, INTERLEAVE_WAYS } from '../address/interleave.ts';
import { identityGroup } from '../buses/cxl-bus.ts';
import { hasDynamicCapacity, type WindowConfig } from '../config.ts';
import { RootDecoder } from '../objects/decoder.ts';
import type { Port } from '../objects/port.ts';
import { PORT_FILES } from '../sources.ts';
import type { CxlSubsystem } from '../subsystem.ts';
import { rootDecoderGroups } from './attributes.ts';
import { addDecoderDevice, removeDecoderDevice } from './device.ts';

/** What a window of one way shows, whatever the table says. */
const ONE_WAY_GRANULARITY = 256;

function defectOf(window: WindowConfig): string | undefined {
  if (window.base % CAPACITY_MULTIPLE !== 0 || window.size % CAPACITY_MULTIPLE !== 0)
    return 'base and size must be 256 MiB aligned';
  if (!INTERLEAVE_WAYS.includes(window.targets.length))
    return `${window.targets.length} ways cannot be encoded`;
  return undefined;
}

/**
 * Adds the root decoders in table order, held by `host`. An invalid window is skipped and logged.
 * The windows enter the physical map when all decoders are there, and leave it after the last of
 * them.
 */
export function addRootDecoders(subsystem: CxlSubsystem, port: Port, host: Device): void {
  const type: DeviceType<RootDecoder> = {
    source: PORT_FILES,
    name: 'cxl_decoder_root',
    groups: [
      identityGroup<RootDecoder>('cxl_decoder_root'),
      ...rootDecoderGroups(subsystem.regions),
    ],
  };
  const windows: (() => void)[] = [];
  host.devres.add('windows in the physical map', () => {
    for (const undo of windows.reverse()) undo();
  });
  for (const [index, window] of subsystem.config.windows.entries()) {
    const defect = defectOf(window);
    if (defect !== undefined) {
      subsystem.kernel.log.print('err', `CFMWS ${index}: ${defect}`);
      continue;
    }
    const decoder = makeRootDecoder(subsystem, port, window);
    addDecoderDevice(subsystem, decoder, type);
    subsystem.rootDecoders.push(decoder);
    host.devres.add(decoder.name, () => unregisterRootDecoder(subsystem, decoder));
    windows.push(() => {
      if (decoder.window !== undefined) subsystem.mm.iomem.release(decoder.window);
    });
  }
  for (const decoder of subsystem.rootDecoders) insertWindow(subsystem, decoder);
}

function makeRootDecoder(subsystem: CxlSubsystem, port: Port, window: WindowConfig): RootDecoder {
  const decoder = new RootDecoder(port, port.decoders.length);
  decoder.hpa = { start: window.base, size: window.size };
  decoder.interleaveWays = window.targets.length;
  decoder.interleaveGranularity =
    window.targets.length === 1 ? ONE_WAY_GRANULARITY : window.granularity;
  decoder.locked = window.fixed ?? false;
  decoder.targetType = window.capabilities.type3 ? 'expander' : 'accelerator';
  decoder.capabilities = { ...window.capabilities };
  decoder.dynamicRam = window.capabilities.ram && hasDynamicCapacity(subsystem.config);
  decoder.qosClass = window.qosClass;
  decoder.targets = window.targets
    .map((uid) => port.dports.get(uid))
    .filter((dport) => dport !== undefined);
  decoder.cachedRegionId = subsystem.regionIds.allocate();
  return decoder;
}

/** add_cxl_resources(): a window that conflicts with something else is left out and logged. */
function insertWindow(subsystem: CxlSubsystem, decoder: RootDecoder): void {
  const { start, size } = decoder.hpa;
  try {
    decoder.window = subsystem.mm.iomem.insert(start, size, `CXL Window ${decoder.id}`);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    subsystem.kernel.log.print('err', `${decoder.name}: ${error.reason}`);
  }
}

/**
 * cxl_root_decoder_release(): all regions go first, then the id that the decoder held for the next
 * one.
 */
function unregisterRootDecoder(subsystem: CxlSubsystem, decoder: RootDecoder): void {
  subsystem.regions.deleteAll(decoder);
  removeDecoderDevice(decoder);
  subsystem.regionIds.free(decoder.cachedRegionId);
  const index = subsystem.rootDecoders.indexOf(decoder);
  if (index >= 0) subsystem.rootDecoders.splice(index, 1);
}
