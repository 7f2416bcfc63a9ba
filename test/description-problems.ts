import { DescriptionError } from '../src/platform/description/error.ts';
import { parseMachine } from '../src/platform/description/parse.ts';

/** What is wrong with a machine file called m.yaml, a line for each; empty: it is a machine. */
export function problems(text: string): string[] {
  try {
    parseMachine(text, 'm.yaml');
  } catch (error) {
    if (error instanceof DescriptionError) return error.message.split('\n');
    throw error;
  }
  return [];
}
