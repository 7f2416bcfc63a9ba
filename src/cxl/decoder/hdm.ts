/**
 * Programming of HDM decoders: commit in ascending id order, reset with its consequences
 * (`drivers/cxl/core/hdm.c`).
 */
import { KernelError } from '../../errno.ts';
import type { EndpointDecoder, SwitchDecoder } from '../objects/decoder.ts';

/**
 * cxl_decoder_commit(): EBUSY unless it is the next id of its port to be committed, or while the
 * device sanitizes its memory; EIO, ETIMEDOUT: the hardware does not do it; already enabled is
 * success. A passthrough decoder has no register and is left alone.
 */
export function commitDecoder(decoder: SwitchDecoder | EndpointDecoder): void {
  if (decoder.enabled || decoder.register === undefined) return;
  const { port } = decoder;
  if (port.commitEnd + 1 !== decoder.id) {
    throw new KernelError(
      'EBUSY',
      `${decoder.name}: out of order commit, decoder${port.id}.${port.commitEnd + 1} is next`,
    );
  }
  if (port.memdev?.sanitizing)
    throw new KernelError('EBUSY', `${port.memdev.name} is being sanitized`);
  decoder.register.programming.pass(decoder);
  program(decoder);
  port.commitEnd += 1;
  decoder.enabled = true;
}

function program(decoder: SwitchDecoder | EndpointDecoder): void {
  const { register } = decoder;
  if (register === undefined) return;
  register.range = { ...decoder.hpa };
  register.interleaveWays = decoder.interleaveWays;
  register.interleaveGranularity = decoder.interleaveGranularity;
  register.committed = true;
  if (decoder.kind === 'switch') register.targets = decoder.targets.map((dport) => dport?.id ?? 0);
  else register.dpaSkip = decoder.dpa?.skip ?? 0;
}

/**
 * cxl_decoder_reset(): a decoder reset out of order leaves higher ones committed; commitEnd falls
 * past all trailing disabled ones only when the highest goes. A locked decoder is never reset.
 * Firmware-made decoders become manual.
 */
export function resetDecoder(decoder: SwitchDecoder | EndpointDecoder): void {
  if (!decoder.enabled || decoder.locked) return;
  const { port, register } = decoder;
  decoder.enabled = false;
  if (register !== undefined) {
    register.committed = false;
    register.range = { start: 0, size: 0 };
  }
  if (decoder.id === port.commitEnd) port.commitEnd = highestEnabled(decoder);
  if (decoder.kind === 'endpoint') decoder.state = 'manual';
}

function highestEnabled(decoder: SwitchDecoder | EndpointDecoder): number {
  const enabled = decoder.port.decoders
    .filter((each) => each.kind !== 'root' && each.enabled)
    .map((each) => each.id);
  return Math.max(-1, ...enabled);
}
