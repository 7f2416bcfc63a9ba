/** Opens a box of the demo machine around the command given: what the tests of the box start. */
import { BoxError, runInBox } from '../../dist/box/index.js';

const bootModule = process.env.BOOT_MODULE ?? new URL('./demo-machine.mjs', import.meta.url).href;
const machine = () => {
  if (process.env.BAD_MACHINE !== undefined) throw new Error(process.env.BAD_MACHINE);
  return {};
};
const terminal = process.env.OWN_TERMINAL === undefined ? {} : { terminal: 'own' };
const trace = process.env.TRACE_FUSE === undefined ? {} : { trace: ['fuse'] };

try {
  process.exitCode = await runInBox({
    machine,
    bootModule,
    command: process.argv.slice(2),
    ...trace,
    ...terminal,
  });
} catch (error) {
  process.exitCode = 125;
  console.error(
    error instanceof BoxError ? `${error.code}: ${error.message}` : `other: ${error.message}`,
  );
}
