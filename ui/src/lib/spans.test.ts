import { describe, expect, it } from 'vitest';
import { changed, lines, neighbour, segments, Words, withSpan, type Span } from './spans';

const span = (id: string, start: number, end: number, label = 'x'): Span => ({ id, field: 'f', start, end, label });

describe('segments', () => {
  it('cut a text at every boundary and give overlapping spans lanes of their own', () => {
    const cut = segments(0, 10, [span('a', 1, 6), span('b', 4, 8)]);
    expect(cut.map(({ start, end, spans }) => [start, end, spans.map(({ span }) => span.id).join('')])).toEqual([
      [0, 1, ''],
      [1, 4, 'a'],
      [4, 6, 'ab'],
      [6, 8, 'b'],
      [8, 10, ''],
    ]);
    expect(new Set(cut[2]!.spans.map(({ lane }) => lane)).size).toBe(2);
  });

  it('use a lane again once it is free', () => {
    const lanes = segments(0, 9, [span('a', 0, 2), span('b', 3, 5), span('c', 6, 9)]).flatMap(({ spans }) => spans.map(({ lane }) => lane));
    expect(lanes).toEqual([0, 0, 0]);
  });

  it('cover the piece exactly, whatever lies outside it', () => {
    const cut = segments(5, 9, [span('a', 0, 7), span('b', 8, 20)]);
    expect(cut[0]!.start).toBe(5);
    expect(cut.at(-1)!.end).toBe(9);
  });
});

describe('lines', () => {
  it('give back the whole text in order', () => {
    const text = `${'word '.repeat(2000)}\nshort\n\n${'🚢'.repeat(3000)}`;
    const pieces = lines(text).flat();
    expect(pieces.map(([start, end]) => text.slice(start, end)).join('')).toBe(text);
    expect(Math.max(...pieces.map(([start, end]) => end - start))).toBeLessThanOrEqual(2402);
  });

  it('never cut a character in two', () => {
    const text = '🚢'.repeat(4000);
    for (const [start] of lines(text).flat()) expect(/[\uDC00-\uDFFF]/.test(text[start]!)).toBe(false);
  });
});

describe('words', () => {
  const words = new Words('The big crane, 14 m.');

  it('move forwards and backwards and stop at the ends', () => {
    expect(words.after(0)).toEqual([0, 3]);
    expect(words.after(3)).toEqual([4, 7]);
    expect(words.after(13)).toEqual([15, 17]);
    expect(words.before(4)).toEqual([0, 3]);
    expect(words.before(0)).toEqual([0, 3]);
    expect(words.after(20)).toEqual([18, 19]);
  });

  it('widen a dragged selection to whole words and drop punctuation at its ends', () => {
    expect(words.snap(5, 11)).toEqual([4, 13]);
    expect(words.snap(8, 15)).toEqual([8, 13]);
    expect(words.snap(3, 8)).toEqual([4, 7]);
  });

  it('keep signs that were dragged alone', () => {
    expect(words.snap(13, 14)).toEqual([13, 14]);
    expect(words.snap(14, 15)).toBeNull();
  });

  it('are found in texts without blanks', () => {
    expect(new Words('港口起火了').ranges.length).toBeGreaterThan(1);
  });

  it('step over emoji and accents as one character', () => {
    const emoji = new Words('a👩‍👩‍👧b é');
    expect(emoji.characterStep(1, 1)).toBe(9);
    expect(emoji.characterStep(9, -1)).toBe(1);
    expect(emoji.characterStep(0, -1)).toBe(0);
    expect(emoji.characterStep(emoji.text.length, 1)).toBe(emoji.text.length);
  });
});

describe('span lists', () => {
  const list = [span('a', 0, 4), span('b', 2, 6), span('c', 8, 9)];

  it('go round in reading order', () => {
    expect(neighbour(list, 'a', 1)!.id).toBe('b');
    expect(neighbour(list, 'c', 1)!.id).toBe('a');
    expect(neighbour(list, 'a', -1)!.id).toBe('c');
    expect(neighbour(list, null, 1, 5)!.id).toBe('c');
    expect(neighbour(list, null, -1, 5)!.id).toBe('b');
    expect(neighbour([], null, 1)).toBeNull();
  });

  it('take the same stretch twice only with another label', () => {
    expect(withSpan(list, span('d', 0, 4)).spans).toHaveLength(3);
    expect(withSpan(list, span('d', 0, 4)).span.id).toBe('a');
    expect(withSpan(list, span('d', 0, 4, 'y')).spans).toHaveLength(4);
  });

  it('stay in order and without doubles when a span changes', () => {
    expect(changed(list, 'c', { start: 1 }).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(changed(list, 'a', { start: 2, end: 6 }).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(changed(list, 'a', { start: 4 })).toBe(list);
    expect(changed(list, 'a', { label: 'x' })).toBe(list);
  });
});
