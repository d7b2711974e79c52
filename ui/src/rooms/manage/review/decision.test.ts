import { describe, expect, it } from 'vitest';
import type { FieldOut, TaskOut } from '../../../api/types';
import { begun, candidates, sent, withLabel, withSpanToggled } from './decision';

const span = (start: number, end: number, label = 'PER') => ({ start, end, label });
const task = (answers: unknown[], rest: object = {}): TaskOut =>
  ({ answers: answers.map((result, index) => ({ result, person: { name: `P${index}` } })), consensus: {}, review: null, ...rest }) as unknown as TaskOut;
const choice = (multiple: boolean, required = true) => ({ key: 'kind', kind: 'class', multiple, required, labels: [] }) as unknown as Extract<FieldOut, { kind: 'class' }>;

describe('a decision', () => {
  it('begins with the consensus, or with the decision before', () => {
    const fields = [choice(false)];
    expect(begun(fields, task([], { consensus: { kind: { value: 'fire' } } }))).toEqual({ kind: 'fire' });
    expect(begun(fields, task([], { consensus: { kind: { value: 'fire' } }, review: { result: { kind: 'spill' } } }))).toEqual({ kind: 'spill' });
  });
  it('gathers every span once, with who marked it', () => {
    const found = candidates('names', task([{ names: [span(4, 9), span(0, 2)] }, { names: [span(4, 9)] }, {}]));
    expect(found.map((each) => [each.span.start, each.by.length])).toEqual([[0, 1], [4, 2]]);
  });
  it('takes spans up and puts them down', () => {
    const one = withSpanToggled(undefined, span(4, 9));
    expect(withSpanToggled(one, span(0, 2)).map((each) => each.start)).toEqual([0, 4]);
    expect(withSpanToggled(one, span(4, 9))).toEqual([]);
  });
  it('holds one label, or several', () => {
    expect(withLabel(choice(false), 'fire', 'spill')).toBe('spill');
    expect(withLabel(choice(false, false), 'fire', 'fire')).toBeUndefined();
    expect(withLabel(choice(true), ['b'], 'a')).toEqual(['a', 'b']);
  });
  it('sends nothing that is empty', () => expect(sent({ a: '', b: undefined, c: [] })).toEqual({ c: [] }));
});
