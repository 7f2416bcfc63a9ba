/**
 * The known word nearest to a mistyped one.
 */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Longer words are not misspellings of known ones, and take long to compare. */
const LONGEST = 64;
/** As many as a line can list. */
const MAX_LISTED = 20;

/** The closest of `words` within a third of the length, or undefined. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = words
    .filter((each) => Math.abs(each.length - word.length) <= limit)
    .map((each) => ({ each, distance: editDistance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.each;
}

function listed(words: readonly string[]): string {
  if (words.length <= MAX_LISTED) return words.join(', ');
  return `${words.slice(0, MAX_LISTED).join(', ')} and ${words.length - MAX_LISTED} more`;
}

/** `, did you mean X?` or, if nothing is near, the list of what there is. */
export function suggestion(word: string, words: readonly string[]): string {
  const near = nearest(word, words);
  if (near !== undefined) return `, did you mean '${near}'?`;
  return words.length === 0 ? '' : `, expected one of ${listed(words)}`;
}
