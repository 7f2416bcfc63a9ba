/**
 * How people write the steps of memory hotplug.
 */
import { HOTPLUG_STEP_NAMES, HOTPLUG_STEPS, type HotplugStep } from '../../mm/hotplug-steps.ts';

/** For those who mistyped one: the full names, and those without the phase. */
export const STEP_WORDS = [
  ...HOTPLUG_STEP_NAMES,
  ...HOTPLUG_STEP_NAMES.map((name) => name.split(':')[1] ?? ''),
];

/** What a step may be called: `add:memmap`, `memmap`, `add:7`, `7`. A number alone is one of adding. */
export function hotplugStep(text: string): HotplugStep | undefined {
  const [phase, rest] = text.includes(':') ? text.split(':', 2) : [undefined, text];
  return HOTPLUG_STEP_NAMES.find((name) => {
    const [ofPhase, short] = name.split(':', 2);
    const wanted = phase ?? (/^\d+$/.test(rest ?? '') ? 'add' : ofPhase);
    return wanted === ofPhase && (rest === short || rest === `${HOTPLUG_STEPS[name]}`);
  });
}
