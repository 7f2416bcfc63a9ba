/**
 * The table of attributes, made from running machines.
 */
import { ABI_PROFILES } from '../platform/profiles/index.ts';
import { render } from './render.ts';
import { showStates } from './states.ts';
import { type Entry, Survey } from './survey.ts';

/** Every attribute and link that machines of all profiles show. */
export function surveyAttributes(): Entry[] {
  const survey = new Survey();
  for (const abi of ABI_PROFILES) showStates(survey, abi);
  return survey.entries();
}

/** The text of docs/abi.md. */
export function abiPage(): string {
  return render(surveyAttributes());
}
