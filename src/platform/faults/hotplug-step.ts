/**
 * How people write the steps of memory hotplug.
 */
import { HOTPLUG_STEP_NAMES, HOTPLUG_STEPS, type HotplugStep } from '../../mm/hotplug/steps.ts';

/** For suggestions on a misspelling: the full names, and those without the phase. */
export const STEP_WORDS = [
  ...HOTPLUG_STEP_NAMES,
  ...HOTPLUG_STEP_NAMES.map((name) => name.split(':')[1] ?? ''),
];

/** `add:memmap`, `memmap`, `add:7`, `7`. A number alone is one of adding. */
function spellings(name: HotplugStep): string[] {
  const [phase = '', short = ''] = name.split(':');
  const number = `${HOTPLUG_STEPS[name]}`;
  return [name, short, `${phase}:${number}`, ...(phase === 'add' ? [number] : [])];
}

/** The step that may be called so. */
export function hotplugStep(text: string): HotplugStep | undefined {
  return HOTPLUG_STEP_NAMES.find((name) => spellings(name).includes(text));
}
