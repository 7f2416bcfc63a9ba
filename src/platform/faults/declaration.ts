/**
 * What a kind of fault is called and takes, as data: `inject` and `list`, the command line, the
 * machine file and their messages are all made from it.
 */

/** Where a name of a thing is asked for, which things it may be. */
export type NamedThing = 'device' | 'port' | 'any';

export type FaultValue =
  | {
      readonly type: 'word';
      /** What a word of the list is. */
      readonly what: string;
      readonly words: readonly string[];
      /**
       * Where a word may be written in several ways: the one that is listed. Undefined: none of the
       * list.
       */
      readonly canonical?: (text: string) => string | undefined;
    }
  | { readonly type: 'number'; readonly least: number }
  /** Milliseconds; people write a unit. */
  | { readonly type: 'time' }
  /** Of a unit of 64 bytes in the media of the device that the fault is about. */
  | { readonly type: 'address' }
  | { readonly type: 'name'; readonly of: NamedThing };

export interface FaultOption {
  /** In `inject` and `list`, on the command line, in the machine file and in JSON. */
  readonly key: string;
  readonly value: FaultValue;
  readonly required?: boolean;
  /** What a fault has that is not told. */
  readonly default?: string;
  /** For the help of the command line. */
  readonly about: string;
}

/** What the fault is about. */
export interface FaultOperand {
  /** Its field in JSON. */
  readonly key: string;
  /** `inject` and `list` write `key=value`; a word alone otherwise. */
  readonly keyed?: boolean;
  /** `inject` and the command line may leave it out. */
  readonly optional?: boolean;
  readonly value: FaultValue;
  /** What the command line calls it; the key if not given. */
  readonly argument?: string;
  readonly about: string;
}

export interface FaultDeclaration {
  /** In `inject` and `list`. */
  readonly name: string;
  /** What happens, for the help of the command line. */
  readonly about: string;
  /** Below `cxlbox fault`. */
  readonly command: string;
  /** In the machine file; its value is the operand. */
  readonly key: string;
  readonly operand: FaultOperand;
  /** In the order in which they are listed. */
  readonly options: readonly FaultOption[];
}

/** Of times, skip and milliseconds: what a timer can wait. */
export const MAX_NUMBER = 2 ** 31 - 1;

/** Whether programs read the value as a number. */
export function isNumber({ type }: FaultValue): boolean {
  return type === 'number' || type === 'time';
}

/** The word of the list that the text means. */
export function wordMeant(
  { words, canonical }: Extract<FaultValue, { type: 'word' }>,
  text: string,
): string | undefined {
  return canonical === undefined ? words.find((each) => each === text) : canonical(text);
}
