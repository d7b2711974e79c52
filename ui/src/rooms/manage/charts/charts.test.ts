import { describe, expect, it } from 'vitest';
import { buckets } from '../figures';
import { barName, countTicks, linear, timeTicks } from './axis';
import { confusionCells, mixUps } from './confusion';

describe('axes', () => {
  it('begin at nought, go in round whole steps, and reach the highest bar', () => {
    for (const max of [0, 1, 3, 7, 12, 48, 99, 101, 1234, 98765]) {
      const ticks = countTicks(max);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)!).toBeGreaterThanOrEqual(max);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }
    expect(countTicks(48)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('scale linearly', () => expect(linear(50, 200, 0)(25)).toBe(100));

  it('label hours with the day where it begins, and leave room between', () => {
    const first = new Date(2026, 2, 3, 20);
    const bars = buckets([{ hour: first.toISOString(), answers: 1 }], new Date(2026, 2, 4, 8, 30), 'hour');
    const ticks = timeTicks(bars, 'hour', 5);
    expect(ticks.map((tick) => tick.text)).toEqual(['21:00', '4 Mar', '03:00', '06:00']);
  });

  it('a bar says when, how many, and whether it is finished', () => {
    const [bar] = buckets([{ hour: new Date(2026, 2, 3, 9).toISOString(), answers: 1 }], new Date(2026, 2, 3, 9, 30), 'hour');
    expect(barName(bar!, 'hour')).toBe('3 Mar, 09:00 to 10:00: 1 answer so far');
  });
});

describe('the table of confusions', () => {
  const counts = [[8, 2, 0], [0, 5, 5], [0, 0, 0]];

  it('is shaded by share of the row; an empty row stays empty', () => {
    const cells = confusionCells(counts);
    expect(cells[0]!.map((cell) => cell.step)).toEqual([5, 3, 0]);
    expect(cells[2]!.map((cell) => cell.share)).toEqual([0, 0, 0]);
    expect(cells[1]![1]!.agreeing).toBe(true);
  });

  it('names the pairs most often mixed up', () => {
    expect(mixUps(['spill', 'collision', 'injury'], counts)).toEqual([
      { consensus: 'collision', answer: 'injury', count: 5, share: 0.5 },
      { consensus: 'spill', answer: 'collision', count: 2, share: 0.2 },
    ]);
  });
});
