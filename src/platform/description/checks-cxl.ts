/**
 * Comparisons between parts of a description: devices, the PCI tree, windows.
 */
import {
  CAPACITY_MULTIPLE,
  INTERLEAVE_GRANULARITIES,
  INTERLEAVE_WAYS,
} from '../../cxl/address/interleave.ts';
import { PARTITION_MODES } from '../../cxl/objects/partition.ts';
import { exactSize } from '../../units.ts';
import { duplicates } from './checks-memory.ts';
import { suggestion } from './did-you-mean.ts';
import { type DocumentPath, type Finding, shortened } from './error.ts';
import { functions } from './pci-tree.ts';
import { bridgeUid } from './resolve-cxl.ts';
import type { RawDownstreamPort, RawMachine } from './schema.ts';
import type { MachineDescription } from './types.ts';

interface Placement {
  readonly name: string;
  readonly path: DocumentPath;
}

/** Walks the ports; gives the findings of each and where devices are named. */
function walkPorts(
  ports: readonly RawDownstreamPort[],
  path: DocumentPath,
  placements: Placement[],
): Finding[] {
  const findings = duplicates(
    ports.map((port, index) => ({
      value: port.id ?? index,
      path: [...path, index, 'id'],
      what: `port ${index} of the same list`,
    })),
  );
  for (const [index, port] of ports.entries()) {
    const at = [...path, index];
    if (port.device !== undefined) placements.push({ name: port.device, path: [...at, 'device'] });
    if (port.device !== undefined && port.switch !== undefined) {
      findings.push({
        path: at,
        message: 'found a device and a switch below one port, expected one of them',
      });
    }
    if (port.device_pci !== undefined && port.device === undefined) {
      findings.push({
        path: [...at, 'device_pci'],
        message: 'found the function of a device, expected a device beside it',
      });
    }
    if (port.switch !== undefined)
      findings.push(...walkPorts(port.switch.ports, [...at, 'switch', 'ports'], placements));
  }
  return findings;
}

function placementFindings(raw: RawMachine, placements: readonly Placement[]): Finding[] {
  const known = Object.keys(raw.devices ?? {});
  const names = new Set(known);
  const placed = new Set(placements.map(({ name }) => name));
  const unknown = placements
    .filter(({ name }) => !names.has(name))
    .map(({ name, path }) => ({
      path,
      message: () =>
        `found '${shortened(name)}', which is not under devices${suggestion(name, known)}`,
    }));
  const twice = duplicates(
    placements.map(({ name, path }) => ({ value: name, path, what: 'an earlier port' })),
  );
  const unused = known
    .filter((name) => !placed.has(name))
    .map((name) => ({
      path: ['devices', name],
      atKey: true,
      message: 'found a device that no port names, expected a port that names it',
    }));
  return [...unknown, ...twice, ...unused];
}

function bridgeFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const bridges = raw.host_bridges ?? [];
  const placements: Placement[] = [];
  const uids = bridges.map((bridge, index) => ({
    value: bridgeUid(bridge, index),
    path: ['host_bridges', index, 'uid'],
    what: `host_bridges[${index}]`,
  }));
  const names = bridges.flatMap((bridge, index) =>
    (['pci', 'acpi'] as const).flatMap((key) =>
      bridge[key] === undefined
        ? []
        : [
            {
              value: bridge[key],
              path: ['host_bridges', index, key],
              what: `host_bridges[${index}]`,
            },
          ],
    ),
  );
  const walked = bridges.flatMap((bridge, index) =>
    walkPorts(bridge.root_ports ?? [], ['host_bridges', index, 'root_ports'], placements),
  );
  const passthrough = bridges.flatMap((bridge, index) => {
    if (bridge.decoders !== 0 || (bridge.root_ports ?? []).length <= 1) return [];
    const message =
      'found 0, expected at least 1: a bridge with several root ports needs HDM decoders';
    return [{ path: ['host_bridges', index, 'decoders'], message }];
  });
  const pci = machine.hostBridges.flatMap(({ uid, rootPorts }) => {
    const index = bridges.findIndex((each, at) => bridgeUid(each, at) === uid);
    return [...functions(rootPorts)].map((each) => ({
      value: each.pci,
      path: ['host_bridges', index],
      what: each.what,
    }));
  });
  return [
    ...duplicates(uids),
    ...duplicates(names),
    ...walked,
    ...passthrough,
    ...duplicates(pci),
    ...placementFindings(raw, placements),
  ];
}

function deviceFindings(raw: RawMachine): Finding[] {
  const devices = Object.entries(raw.devices ?? {});
  const capacity = devices.flatMap(([name, device]): Finding[] => {
    if (PARTITION_MODES.every((mode) => (device[mode] ?? 0) === 0)) {
      const message = `found no capacity, expected ${PARTITION_MODES.join(', ')}`;
      return [{ path: ['devices', name], message }];
    }
    return [...PARTITION_MODES, 'partition_alignment' as const].flatMap((key) => {
      const size = device[key] ?? 0;
      if (size % CAPACITY_MULTIPLE === 0) return [];
      return [
        {
          path: ['devices', name, key],
          message: `found ${exactSize(size)}, expected a multiple of 256MiB`,
        },
      ];
    });
  });
  const unique = (['serial', 'mem', 'endpoint', 'shared'] as const).flatMap((key) =>
    duplicates(
      devices.flatMap(([name, device]) =>
        device[key] === undefined
          ? []
          : [{ value: device[key], path: ['devices', name, key], what: `device '${name}'` }],
      ),
    ),
  );
  return [...capacity, ...unique];
}

function windowFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  const uids = machine.hostBridges.map(({ uid }) => uid);
  const known = new Set(uids);
  return machine.windows.flatMap((window, index): Finding[] => {
    const at = (key: string): DocumentPath => ['windows', index, key];
    const multiple = CAPACITY_MULTIPLE * window.ways;
    const unknown = window.targets.flatMap((target, place) =>
      known.has(target)
        ? []
        : [
            {
              path: [...at('targets'), place],
              message: () =>
                uids.length === 0
                  ? `found ${target}, expected the uid of a host bridge, but the machine has none`
                  : `found ${target}, which is not the uid of a host bridge${suggestion(String(target), uids.map(String))}`,
            },
          ],
    );
    const rules: readonly (readonly [boolean, string, string])[] = [
      [
        window.start % CAPACITY_MULTIPLE === 0,
        'base',
        `found 0x${window.start.toString(16)}, expected a multiple of 256MiB`,
      ],
      [
        window.size > 0 && window.size % multiple === 0,
        'size',
        `found ${exactSize(window.size)}, expected a multiple of ${exactSize(multiple)}`,
      ],
      [
        INTERLEAVE_WAYS.includes(window.ways),
        'ways',
        `found ${window.ways}, expected one of ${INTERLEAVE_WAYS.join(', ')}`,
      ],
      [
        INTERLEAVE_GRANULARITIES.includes(window.granularity),
        'granularity',
        `found ${window.granularity}, expected a power of two from 256 to 16384`,
      ],
      [
        window.targets.length === window.ways,
        'targets',
        `found ${window.targets.length} host bridges, expected ${window.ways}, one for each way`,
      ],
    ];
    const broken = rules
      .filter(([good]) => !good)
      .map(([, key, message]) => ({ path: at(key), message }));
    return [...unknown, ...(raw.windows === undefined ? [] : broken)];
  });
}

export function cxlFindings(raw: RawMachine, machine: MachineDescription): Finding[] {
  return [...deviceFindings(raw), ...bridgeFindings(raw, machine), ...windowFindings(raw, machine)];
}
