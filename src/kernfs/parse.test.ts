import { describe, expect, it } from 'vitest';
import { KernelError } from '../errno.ts';
import {
  deviceName,
  kstrtobool,
  kstrtoint,
  kstrtoll,
  kstrtoull,
  sysfsMatch,
  sysfsStreq,
} from './parse.ts';

/** The value, or the errno that the parser throws. */
function outcome<T>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}

describe('kstrtoull', () => {
  it.each<[string, bigint | string]>([
    ['0', 0n],
    ['12\n', 12n],
    ['+7', 7n],
    ['0x10', 16n],
    ['0X1f\n', 31n],
    ['010', 8n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 'ERANGE'],
    ['99999999999999999999junk', 'ERANGE'],
    ['1\0junk', 1n],
    ['', 'EINVAL'],
    ['\n', 'EINVAL'],
    [' 1', 'EINVAL'],
    ['1 ', 'EINVAL'],
    ['1\n\n', 'EINVAL'],
    ['-1', 'EINVAL'],
    ['08', 'EINVAL'],
    ['0x', 'EINVAL'],
    ['1.5', 'EINVAL'],
    ['1k', 'EINVAL'],
  ])('%j -> %s', (text, expected) => {
    expect(outcome(() => kstrtoull(text))).toBe(expected);
  });

  it('takes hexadecimal with or without prefix in base 16', () => {
    expect(kstrtoull('1b0000000', 16)).toBe(0x1b0000000n);
    expect(kstrtoull('0x1b0000000\n', 16)).toBe(0x1b0000000n);
  });
});

describe('signed numbers', () => {
  it.each<[string, bigint | string]>([
    ['-9223372036854775808', -9223372036854775808n],
    ['-9223372036854775809', 'ERANGE'],
    ['9223372036854775808', 'ERANGE'],
    ['-+1', 'EINVAL'],
  ])('kstrtoll %j -> %s', (text, expected) => {
    expect(outcome(() => kstrtoll(text))).toBe(expected);
  });

  it.each<[string, number | string]>([
    ['2147483647', 2147483647],
    ['2147483648', 'ERANGE'],
    ['-2147483648', -2147483648],
    ['4294967296x', 'EINVAL'],
  ])('kstrtoint %j -> %s', (text, expected) => {
    expect(outcome(() => kstrtoint(text))).toBe(expected);
  });
});

describe('kstrtobool', () => {
  it.each<[string, boolean | string]>([
    ['1', true],
    ['10', true],
    ['yes!', true],
    ['True', true],
    ['on', true],
    ['enabled', true],
    ['0', false],
    ['no', false],
    ['OFF', false],
    ['f', false],
    ['o', 'EINVAL'],
    ['2', 'EINVAL'],
    ['', 'EINVAL'],
    [' 1', 'EINVAL'],
  ])('%j -> %s', (text, expected) => {
    expect(outcome(() => kstrtobool(text))).toBe(expected);
  });
});

describe('words', () => {
  it.each([
    ['online', true],
    ['online\n', true],
    ['online\n\0', true],
    ['online\n\n', false],
    ['online ', false],
    ['Online', false],
  ])('sysfs_streq %j -> %s', (text, expected) => {
    expect(sysfsStreq(text, 'online')).toBe(expected);
  });

  it('finds the word of a list', () => {
    expect(sysfsMatch('offline\n', ['online', 'offline'])).toBe('offline');
    expect(sysfsMatch('off', ['online', 'offline'])).toBeUndefined();
  });

  it('takes one newline off a device name', () => {
    expect(deviceName('mem0\n')).toBe('mem0');
    expect(deviceName('mem0\0')).toBe('mem0');
    expect(deviceName('mem0\n\n')).toBe('mem0\n');
  });
});
