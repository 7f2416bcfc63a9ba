import { loadMachine, namedMachines } from '../../machine-files/load.ts';
import { EXIT } from '../exit-codes.ts';

/** Prints the named machines with what each is for. */
export async function listMachines(options: {
  readonly json?: boolean | undefined;
}): Promise<number> {
  const machines = namedMachines().map((name) => {
    const { about, abi } = loadMachine(name);
    return { name, abi, about };
  });
  const width = Math.max(...machines.map(({ name }) => name.length));
  const lines = machines.map(({ name, about }) => `${name.padEnd(width)}  ${about}`);
  process.stdout.write(
    options.json ? `${JSON.stringify(machines, null, 2)}\n` : `${lines.join('\n')}\n`,
  );
  return EXIT.ok;
}
