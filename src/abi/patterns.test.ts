import { describe, expect, it } from 'vitest';
import { componentPattern } from './patterns.ts';

describe('componentPattern', () => {
  it.each([
    ['region12', 'regionN'],
    ['dax_region0', 'dax_regionN'],
    ['decoder3.1', 'decoderP.N'],
    ['dax0.1', 'daxR.N'],
    ['mapping2', 'mappingK'],
    ['0000:0c:00.0', 'DDDD:BB:DD.F'],
    ['pci0000:0c', 'pciDDDD:BB'],
    ['252:0', 'MAJOR:MINOR'],
    ['access1', 'access1'],
    ['cap_type3', 'cap_type3'],
    ['nvdimm-bridge0', 'nvdimm-bridgeN'],
  ])('%s -> %s', (name, pattern) => expect(componentPattern(name)).toBe(pattern));
});
