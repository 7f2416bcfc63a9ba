import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const title = 'replaying every recording';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export async function run(report) {
  const { replayCommand } = await import(join(root, 'dist', 'replay', 'command.js'));
  const { boot } = await import(join(root, 'dist', 'platform', 'boot.js'));
  const lines = [];
  const begin = performance.now();
  await replayCommand([join(root, 'conformance')], { boot, print: (line) => lines.push(line) });
  const seconds = (performance.now() - begin) / 1000;
  const steps = Number(/^(\d+) passed/.exec(lines.at(-1) ?? '')?.[1]);
  report({ what: lines.at(-1) ?? '', value: seconds, unit: 's', goal: 'under 20' });
  report({ what: 'steps compared', value: steps / seconds, unit: '/s' });
}
