import { describe, expect, it } from 'vitest';
import { problems } from '../../../test/description-problems.ts';
import { parseMachine } from './parse.ts';
import { expandRepetitions } from './repeat.ts';
import { fill, TemplateError } from './template.ts';
import { devicesOf } from './types.ts';

describe('texts with counters', () => {
  const counters = new Map([
    ['bridge', 12],
    ['pair', 3],
  ]);
  it.each([
    ['m{bridge}.{pair}', 'm12.3'],
    ['{12 + 2 * pair}', 18n],
    ['{(1 + 2) * pair - 1}', 8n],
    ['{bridge / 5}', 2n],
    ['{bridge % 5}', 2n],
    ['{bridge:04x}:0c', '000c:0c'],
    ['{pair:02}', '03'],
    ['no counter', 'no counter'],
  ])('%s', (text, expected) => {
    expect(fill(text, counters)).toBe(expected);
  });

  it.each([
    ['{slot}', "'slot' in '{slot}', expected one of bridge, pair"],
    ['{pair - 4}', "'{pair - 4}', expected an expression whose value is 0 or more"],
    ['{pair / 0}', 'expected an expression'],
    ['{pair +}', 'expected an expression'],
    ['{(pair}', 'expected an expression'],
    ['{pair pair}', 'expected an expression'],
    ['{pair & 1}', 'expected counters and + - * / %'],
    ['{}', 'expected an expression'],
  ])('refuses %s', (text, reason) => {
    expect(() => fill(text, counters)).toThrow(TemplateError);
    expect(() => fill(text, counters)).toThrow(reason);
  });
});

describe('repetitions', () => {
  it.each<[string, unknown, unknown]>([
    ['of items', [{ repeat: { a: 2 }, id: '{a}' }, 'x'], [{ id: 0n }, { id: 1n }, 'x']],
    [
      'the last counter fastest',
      [{ repeat: { a: 2, b: 2 }, each: 'm{a}{b}' }],
      ['m00', 'm01', 'm10', 'm11'],
    ],
    ['of keys', { 'm{a}': { repeat: { a: 2 }, ram: 1n } }, { m0: { ram: 1n }, m1: { ram: 1n } }],
    [
      'inside repetitions',
      [{ repeat: { a: 2 }, ports: [{ repeat: { b: 2 }, each: '{10 * a + b}' }] }],
      [{ ports: [0n, 1n] }, { ports: [10n, 11n] }],
    ],
  ])('%s', (_, written, expected) => {
    const expanded = expandRepetitions(written);
    expect(expanded.findings).toEqual([]);
    expect(expanded.value).toEqual(expected);
  });

  it('leaves texts outside of repetitions alone', () => {
    expect(expandRepetitions({ about: 'a {b} c' }).value).toEqual({ about: 'a {b} c' });
  });
});

const BRIDGES = `
host_bridges:
  - repeat: {bridge: 2}
    root_ports:
      - {repeat: {port: 2}, device: "m{bridge}.{port}"}
`;

describe('a machine with repetitions', () => {
  it('has what was repeated', () => {
    const machine = parseMachine(
      `${BRIDGES}devices: {"m{bridge}.{port}": {repeat: {bridge: 2, port: 2}, ram: 256MiB}}`,
      'm.yaml',
    );
    expect(machine.hostBridges.map(({ uid }) => uid)).toEqual([12, 13]);
    expect(devicesOf(machine).map(({ name }) => name)).toEqual(['m0.0', 'm0.1', 'm1.0', 'm1.1']);
  });

  it.each([
    [
      'a counter that is none',
      `${BRIDGES}devices: {"m{x}": {repeat: {bridge: 2}, ram: 256MiB}}`,
      "m.yaml:6:19: devices.m{x}: found 'x' in '{x}', expected one of bridge",
    ],
    [
      'a key that stays the same',
      'devices: {m: {repeat: {n: 2}, ram: 256MiB}}',
      "m.yaml:1:11: devices.m: found the key 'm' a second time, expected a key with all counters in it",
    ],
    [
      'no counts',
      'windows: [{repeat: 4, targets: [12]}]',
      'm.yaml:1:20: windows[0].repeat: found something other than a map of counters, expected one such as {bridge: 4}, of at most 65536 in all',
    ],
    [
      'keys beside each',
      'regions: [{devices: [{repeat: {n: 2}, each: "m{n}", size: 1}]}]',
      'm.yaml:1:22: regions[0].devices[0]: found size beside each, expected nothing but repeat',
    ],
    [
      'a wrong value, told once and where it was written',
      `${BRIDGES}devices: {"m{bridge}.{port}": {repeat: {bridge: 2, port: 2}, ram: 1MiB}}`,
      'm.yaml:6:67: devices.m0.0.ram: found 1MiB, expected a multiple of 256MiB (and 3 more repetitions)',
    ],
    [
      'an unknown key of the schema',
      `${BRIDGES}devices: {"m{bridge}.{port}": {repeat: {bridge: 2, port: 2}, rom: 1MiB}}`,
      "m.yaml:6:62: devices.m0.0.rom: found an unknown key 'rom', did you mean 'ram'? (and 3 more repetitions)",
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });
});
