/**
 * Poison is a state of the media, with the kernel's own files: nothing injects it but these, and
 * the machine file.
 */
import type { FaultDeclaration } from '../declaration.ts';

export const POISON_FAULT: FaultDeclaration = {
  name: 'poison',
  about: 'poison the 64 bytes at a place in a memory device',
  command: 'poison',
  key: 'poison',
  operand: { key: 'device', value: { type: 'name', of: 'device' }, about: 'a memory device' },
  options: [
    {
      key: 'dpa',
      value: { type: 'address' },
      required: true,
      about: 'device physical address',
    },
  ],
};
