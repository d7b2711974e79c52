import { describe, expect, it } from 'vitest';
import type { FieldOut } from '../../../api/types';
import { agrees, consensusText, drawnSpans, offsetsOf, spanDifferences, valueText } from './answers';

const kind: FieldOut = { key: 'kind', kind: 'class', title: 'What?', required: true, multiple: false, labels: [{ id: 'spill', title: 'Spill' }, { id: 'other', title: 'Other' }] };
const topics: FieldOut = { ...kind, key: 'topics', multiple: true };
const entities: FieldOut = { key: 'entities', kind: 'spans', title: 'Mark', required: false, labels: [{ id: 'per', title: 'Person' }] };
const note: FieldOut = { key: 'note', kind: 'text', title: 'Note', required: false, max_length: 100 };
const span = (start: number, end: number, label = 'per') => ({ start, end, label });

describe('an answer in a line', () => {
  it('has titles, not ids', () => {
    expect(valueText(kind, 'spill')).toBe('Spill');
    expect(valueText(topics, ['other', 'spill'])).toBe('Other, Spill');
    expect(valueText(entities, [span(0, 3), span(5, 9)])).toBe('2 Person');
    expect(valueText(note, 'seen twice')).toBe('seen twice');
  });
  it('keeps an id that the form no longer has', () => expect(valueText(kind, 'gone')).toBe('gone'));
  it('is nothing where nothing was answered', () => {
    for (const [field, value] of [[kind, null], [topics, []], [entities, []], [note, '']] as const) expect(valueText(field, value)).toBeNull();
  });
});

describe('agreement with the consensus', () => {
  it('looks at what was said, not at its order', () => {
    expect(agrees(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(agrees([span(5, 9), span(0, 3)], [span(0, 3), span(5, 9)])).toBe(true);
    expect(agrees([], null)).toBe(true);
    expect(agrees('spill', 'other')).toBe(false);
    expect(agrees([span(0, 3)], [span(0, 4)])).toBe(false);
  });
  it('counts what is too much and what is missing', () => {
    expect(spanDifferences([span(0, 3), span(4, 6)], [span(0, 3), span(8, 9), span(8, 10)])).toEqual({ own: 1, missing: 2 });
  });
});

it('offsets of the server become those of the browser', () => {
  const text = '🚢 Ana Reis';
  const [drawn] = drawnSpans('entities', [span(2, 10)], offsetsOf(text));
  expect(text.slice(drawn!.start, drawn!.end)).toBe('Ana Reis');
});

it('a row of the list tells the consensus of every question', () => {
  expect(consensusText([kind, note], { consensus: { kind: { value: 'spill', share: 1, votes: 2, answers: 2 }, note: { value: '', share: 1, votes: 2, answers: 2 } } as never })).toBe('Spill');
});
