import { describe, expect, it } from 'vitest';
import { agreementWord, binName, skillAxis, ticksBetween } from './scales';

describe('the axis of skill', () => {
  it('begins below the lowest interval and ends at certainty', () => {
    expect(skillAxis([0.74, 0.9])).toEqual({ from: 0.7, ticks: [0.7, 0.8, 0.9, 1] });
    expect(skillAxis([0.05, null]).from).toBe(0);
  });
  it('stands where nobody has a figure', () => expect(skillAxis([]).ticks.at(-1)).toBe(1));
});

describe('ticks', () => {
  it('stand at round numbers within the ends', () => {
    expect(ticksBetween(0.31, 0.88)).toEqual([0.4, 0.6, 0.8]);
    expect(ticksBetween(0, 42)).toEqual([0, 20, 40]);
  });
  it('survive an empty span', () => expect(ticksBetween(0.5, 0.5).length).toBeLessThan(6));
});

describe('names', () => {
  it('of intervals are percentages', () => {
    expect(binName([0, 0.5, 0.6], 0)).toBe('under 50%');
    expect(binName([0, 0.5, 0.6], 1)).toBe('50–60%');
  });
  it('of agreement say nothing where there is none', () => expect(agreementWord(null)).toBe(''));
});
