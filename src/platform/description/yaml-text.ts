/**
 * YAML text to a document, with what would take the reader too long or too deep refused first.
 */
import type { Document, ParsedNode } from 'yaml';
import { Composer, CST, Lexer, LineCounter, Parser } from 'yaml';
import type { Problem } from './error.ts';
import { LIMITS } from './limits.ts';

export interface YamlText {
  /** Absent: the text is empty. */
  readonly document: Document.Parsed<ParsedNode> | undefined;
  readonly lines: LineCounter;
  readonly problems: readonly Problem[];
}

/** More of them are the sign of a file that is no YAML at all. */
const MAX_SYNTAX_ERRORS = 20;

/** What is wrong at an offset of the text. */
interface Fault {
  readonly offset: number;
  readonly message: string;
}

const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);
const FLOW_STEPS: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };
const TOO_DEEP = `found a list or map inside ${LIMITS.depth} others, expected at most that many`;

type Container = Exclude<CST.Token, { type: 'document' }> & { items: CST.CollectionItem[] };

function isContainer(token: CST.Token | null | undefined): token is Container {
  return token !== null && token !== undefined && 'items' in token;
}

/** Not recursive: what it looks for would overflow the stack. */
function tooDeep(root: CST.Token | undefined): Fault | undefined {
  const open: { readonly token: CST.Token | null | undefined; readonly depth: number }[] = [
    { token: root, depth: 1 },
  ];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (!isContainer(at.token)) continue;
    if (at.depth > LIMITS.depth) return { offset: at.token.offset, message: TOO_DEEP };
    for (const { key, value } of at.token.items)
      open.push({ token: key, depth: at.depth + 1 }, { token: value, depth: at.depth + 1 });
  }
  return undefined;
}

/** The tokens of the text as a tree, or the first reason not to read on. */
function treeOf(text: string, lines: LineCounter): CST.Token[] | Fault {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let offset = 0;
  let count = 0;
  let flow = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    flow += FLOW_STEPS[lexeme] ?? 0;
    if (flow > LIMITS.depth) return { offset, message: TOO_DEEP };
    if (count > LIMITS.tokens) {
      const message = `found more than ${LIMITS.tokens} words and signs, expected a shorter file: parts that are alike can be written once with repeat`;
      return { offset, message };
    }
    tokens.push(...parser.next(lexeme));
    // The reader's marks of a beginning and an end are not characters of the text.
    if (!MARKS.has(lexeme)) offset += lexeme.length;
  }
  tokens.push(...parser.end());
  return tokens;
}

function readingFaults(tokens: readonly CST.Token[]): Fault[] {
  const errors = tokens.flatMap((token): Fault[] =>
    token.type === 'error' ? [{ offset: token.offset, message: token.message }] : [],
  );
  if (errors.length >= MAX_SYNTAX_ERRORS) return errors.slice(0, MAX_SYNTAX_ERRORS);
  const documents = tokens.filter((token) => token.type === 'document');
  const second = documents[1];
  if (second !== undefined)
    return [{ offset: second.offset, message: 'found a second document, expected one machine' }];
  const deep = documents.map(({ value }) => tooDeep(value)).find((fault) => fault !== undefined);
  return deep === undefined ? [] : [deep];
}

/** Never throws. With problems there is a document only if it could be read beside them. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const refuse = (faults: readonly Fault[]): YamlText => ({
    document: undefined,
    lines,
    problems: faults.map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(line, 1), column: Math.max(col, 1), message };
    }),
  });
  if (text.length > LIMITS.text) {
    lines.addNewLine(0);
    const message = `found more than ${LIMITS.text} characters, expected a shorter file: parts that are alike can be written once with repeat`;
    return refuse([{ offset: 0, message }]);
  }
  const tree = treeOf(text, lines);
  if (!Array.isArray(tree)) return refuse([tree]);
  const faults = readingFaults(tree);
  if (faults.length > 0) return refuse(faults);
  const options = { prettyErrors: false, intAsBigInt: true, uniqueKeys: false } as const;
  const [document] = new Composer<ParsedNode>(options).compose(tree, true, text.length);
  const errors = document?.errors ?? [];
  if (errors.length === 0) return { document, lines, problems: [] };
  return refuse(
    errors.slice(0, MAX_SYNTAX_ERRORS).map(({ pos, message }) => ({ offset: pos[0], message })),
  );
}
