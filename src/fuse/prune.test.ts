import { describe, expect, it } from 'vitest';
import { KernfsDirectory } from '../kernfs/node.ts';
import { NodeTable } from './node-table.ts';
import { NodePruner } from './prune.ts';

/** A table with `count` nodes besides the root, which are told to `look`. */
function tableOf(count: number) {
  const root = new KernfsDirectory('');
  const nodes = new NodeTable(root);
  const parent = nodes.get(1);
  if (parent === undefined) throw new Error('no root');
  const look = (howMany: number): void => {
    for (let i = 0; i < howMany; i += 1)
      nodes.lookup(parent, new KernfsDirectory(`d${nodes.made}`));
  };
  look(count);
  return { nodes, look };
}

/** The node numbers of a message, in their order. */
function asked(message: Uint8Array): number[] {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const count = view.getUint32(16, true);
  return Array.from({ length: count }, (_, index) =>
    Number(view.getBigUint64(32 + 8 * index, true)),
  );
}

describe('asking the kernel to forget', () => {
  it('leaves few nodes alone', () => {
    const messages: Uint8Array[] = [];
    new NodePruner(tableOf(30_000).nodes, (message) => messages.push(message) > 0).run();
    expect(messages).toEqual([]);
  });

  it('goes round the nodes, what is below first', () => {
    const { nodes, look } = tableOf(40_000);
    const rounds: number[][] = [];
    const pruner = new NodePruner(nodes, (message) => rounds.push(asked(message)) > 0);
    for (let round = 0; round < 3; round += 1) {
      pruner.run();
      pruner.run();
      look(16_384);
    }
    expect(rounds.map((ids) => [ids.length, ids[0], ids.at(-1)])).toEqual([
      [16_384, 16_385, 2],
      [16_384, 32_769, 16_386],
      [16_384, 49_153, 32_770],
    ]);
  });

  it('stops where the kernel does not know the message', () => {
    const { nodes, look } = tableOf(40_000);
    let sent = 0;
    const pruner = new NodePruner(nodes, () => {
      sent += 1;
      return false;
    });
    pruner.run();
    look(40_000);
    pruner.run();
    expect(sent).toBe(1);
  });
});
