/** The server counts code points, the browser UTF-16 units. One text's way from one to the other. */
export interface Offsets {
  toUnits(codePoints: number): number;
  /** An offset inside a surrogate pair counts as the start of its character. */
  toCodePoints(units: number): number;
}

const same: Offsets = { toUnits: (offset) => offset, toCodePoints: (offset) => offset };

export function offsetsOf(text: string): Offsets {
  // Where the pairs begin, in units. Most texts have none.
  const pairs: number[] = [];
  for (const match of text.matchAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)) pairs.push(match.index);
  if (!pairs.length) return same;
  /** How many pairs satisfy `before`, which holds for a beginning of the list. */
  const count = (before: (pair: number, index: number) => boolean) => {
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(pairs[middle]!, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    // The pair number i begins at unit pairs[i], which is code point pairs[i] - i.
    toUnits: (codePoints) => codePoints + count((pair, index) => pair - index < codePoints),
    toCodePoints: (units) => units - count((pair) => pair < units),
  };
}

/** The length of a text in code points. */
export const codePointLength = (text: string): number => offsetsOf(text).toCodePoints(text.length);
