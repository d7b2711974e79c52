import { describe, expect, it } from 'vitest';
import { askOf, unusual, USUAL } from './rules';

describe('rules', () => {
  it('are filled up with what is usual', () => expect(askOf({ ...USUAL, ask: { confidence: 0.9 } as never })).toEqual({ confidence: 0.9, least: 2, most: 5, budget: null }));
  it('say in a file only what isn’t as usual', () => {
    expect(unusual(USUAL)).toBeNull();
    expect(unusual({ ...USUAL, training: true })).toEqual({ training: true });
  });
});
