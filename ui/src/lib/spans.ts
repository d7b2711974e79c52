/** Spans over a text: where they lie, how they are cut for drawing, how a selection finds word boundaries. Offsets in UTF-16 units. */
export interface Span {
  /** Local to the page: which mark on screen, not part of the answer. */
  id: string;
  /** The field of the form it answers. */
  field: string;
  start: number;
  end: number;
  label: string;
}

export type Range = readonly [start: number, end: number];

/** A stretch of text with the same spans over all of it. Lanes stack the underlines of overlapping spans. */
export interface Segment {
  start: number;
  end: number;
  spans: readonly { span: Span; lane: number }[];
}

export const inOrder = (a: Span, b: Span): number => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);

/** Cuts [from, to) at every span boundary. */
export function segments(from: number, to: number, spans: readonly Span[]): Segment[] {
  const inside = spans.filter((span) => span.start < to && span.end > from).sort((a, b) => a.start - b.start || b.end - a.end);
  const laneEnds: number[] = [];
  const laned = inside.map((span) => {
    let lane = laneEnds.findIndex((end) => end <= span.start);
    if (lane < 0) lane = laneEnds.length;
    laneEnds[lane] = span.end;
    return { span, lane };
  });
  const cuts = [...new Set([from, to, ...inside.flatMap((span) => [Math.max(from, span.start), Math.min(to, span.end)])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, index) => {
    const end = cuts[index + 1]!;
    return { start, end, spans: laned.filter(({ span }) => span.start < end && span.end > start) };
  });
}

/** The lines of a text, each in the pieces it is drawn in: one, or several where it is very long, so that a change redraws little. */
export function lines(text: string, longest = 1200): Range[][] {
  const found: Range[][] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    found.push(end - start <= longest * 2 ? [[start, end]] : chop(text, start, end, longest));
    start = end;
  }
  return found;
}

function chop(text: string, from: number, to: number, longest: number): Range[] {
  const out: Range[] = [];
  let start = from;
  while (to - start > longest * 2) {
    const blank = text.lastIndexOf(' ', start + longest);
    let end = blank > start ? blank + 1 : start + longest;
    if (/[\uDC00-\uDFFF]/.test(text[end]!)) end++;
    out.push([start, end]);
    start = end;
  }
  out.push([start, to]);
  return out;
}

const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const characterSegmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The words of a text and its steps of one character, computed once a text. */
export class Words {
  /** Every word, also a number or a word of a script without blanks; punctuation is between words. */
  readonly ranges: Range[] = [];

  constructor(readonly text: string) {
    for (const { index, segment, isWordLike } of wordSegmenter.segment(text)) {
      if (isWordLike) this.ranges.push([index, index + segment.length]);
    }
  }

  /** Index of the first word that ends after `offset`; the number of words where none does. */
  private from(offset: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranges[middle]![1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The word that begins at or after `offset`, else the last one. */
  after(offset: number): Range | null {
    const index = this.from(offset);
    const word = this.ranges[index];
    return (word && word[0] < offset ? this.ranges[index + 1] : word) ?? this.ranges.at(-1) ?? null;
  }

  /** The word that ends at or before `offset`, else the first one. */
  before(offset: number): Range | null {
    return this.ranges[this.from(offset) - 1] ?? this.ranges[0] ?? null;
  }

  /** The word at `offset`, else the nearest following, else the last. */
  at(offset: number): Range | null {
    return this.ranges[this.from(offset)] ?? this.ranges.at(-1) ?? null;
  }

  /** A dragged selection widened to whole words, and without blanks and punctuation at its ends. Null where it holds no word and no sign. */
  snap(start: number, end: number): Range | null {
    const first = this.ranges[this.from(start)];
    let last: Range | undefined = this.ranges[this.from(end)];
    if (!last || last[0] >= end) last = this.ranges[this.from(end) - 1];
    if (first && last && first[0] < end && last[1] > start) return [first[0], last[1]];
    // No word inside: signs alone, as they were dragged.
    while (start < end && /\s/.test(this.text[start]!)) start++;
    while (end > start && /\s/.test(this.text[end - 1]!)) end--;
    return start < end ? [start, end] : null;
  }

  /** The next boundary of a character as a person sees it, so that emoji and accents stay whole. */
  characterStep(offset: number, direction: 1 | -1): number {
    const from = Math.max(0, offset - 64);
    const near = this.text.slice(from, offset + 64);
    let before = from;
    for (const { index, segment } of characterSegmenter.segment(near)) {
      const start = from + index;
      if (direction === 1 && start + segment.length > offset) return start + segment.length;
      if (direction === -1 && start + segment.length >= offset) return start;
      before = start;
    }
    return direction === 1 ? this.text.length : before;
  }
}

/** The span after (1) or before (-1) the given one in reading order, round the end. */
export function neighbour(spans: readonly Span[], id: string | null, direction: 1 | -1, near = 0): Span | null {
  if (!spans.length) return null;
  const ordered = spans.toSorted(inOrder);
  const index = ordered.findIndex((span) => span.id === id);
  if (index >= 0) return ordered[(index + direction + ordered.length) % ordered.length]!;
  const next = ordered.findIndex((span) => span.start >= near);
  if (direction === 1) return ordered[next < 0 ? 0 : next]!;
  return ordered[next <= 0 ? ordered.length - 1 : next - 1]!;
}

/** Adds a span, unless the same stretch already has this label. Returns the list and the span that now stands there. */
export function withSpan(spans: readonly Span[], added: Span): { spans: readonly Span[]; span: Span } {
  const there = spans.find((span) => span.start === added.start && span.end === added.end && span.label === added.label);
  return there ? { spans, span: there } : { spans: [...spans, added].sort(inOrder), span: added };
}

/** Puts `change` in place of a span; where that would double another span, the two become one. */
export function changed(spans: readonly Span[], id: string, change: Partial<Omit<Span, 'id'>>): readonly Span[] {
  const old = spans.find((span) => span.id === id);
  if (!old) return spans;
  const next = { ...old, ...change };
  if (next.start >= next.end || (next.start === old.start && next.end === old.end && next.label === old.label)) return spans;
  return [...spans.filter((span) => span.id !== id && !(span.start === next.start && span.end === next.end && span.label === next.label)), next].sort(inOrder);
}
