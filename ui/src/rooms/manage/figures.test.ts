import { describe, expect, it } from 'vitest';
import { ago, buckets, bytes, duration, etaText, fittingGrain, forecast, percentText, wholePercents } from './figures';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute);
const hours = (...entries: [number, number, number][]) => entries.map(([day, hour, answers]) => ({ hour: at(day, hour).toISOString(), answers }));

describe('shares', () => {
  it('add up to 100', () => {
    expect(wholePercents([1, 1, 1])).toEqual([34, 33, 33]);
    expect(wholePercents([0, 0])).toEqual([0, 0]);
    expect(wholePercents([5, 0, 3, 1]).reduce((a, b) => a + b)).toBe(100);
  });

  it('never claim nothing or all where that is not so', () => {
    expect(percentText(1, 1000)).toBe('under 1%');
    expect(percentText(999, 1000)).toBe('over 99%');
    expect(percentText(0, 10)).toBe('0%');
    expect(percentText(10, 10)).toBe('100%');
    expect(percentText(0, 0)).toBe('–');
  });
});

describe('durations', () => {
  it.each([
    [4.26, '4.3 s'],
    [42, '42 s'],
    [90, '1 min 30 s'],
    [1800, '30 min'],
    [5400, '1 h 30 min'],
    [86400, '24 hours'],
    [86400 * 3, '3 days'],
    [null, '–'],
  ])('%s seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  it('are told from now', () => {
    expect(ago(at(3, 12).toISOString(), at(3, 12, 5))).toBe('5 min ago');
    expect(ago(at(3, 12).toISOString(), at(3, 12))).toBe('just now');
    expect(ago(at(3, 12).toISOString(), at(3, 14, 12))).toBe('2 hours ago');
    expect(ago(null, at(3, 12))).toBe('never');
  });

  it('left of a job are about right, or not said', () => {
    expect(etaText(null)).toBeNull();
    expect(etaText(0.4)).toBe('a moment left');
    expect(etaText(3.2)).toBe('about 4 s left');
    expect(etaText(75)).toBe('about 1 min 15 s left');
  });
});

describe('throughput', () => {
  it('has a bar for every hour, the empty ones too, and says that the present one is unfinished', () => {
    const bars = buckets(hours([3, 9, 4], [3, 12, 6]), at(3, 12, 30), 'hour');
    expect(bars.map((bar) => bar.answers)).toEqual([4, 0, 0, 6]);
    expect(bars.map((bar) => bar.unfinished)).toEqual([false, false, false, true]);
  });

  it('sums hours to days by the clock of whoever looks', () => {
    const bars = buckets(hours([1, 23, 2], [2, 0, 3], [2, 9, 1], [4, 10, 7]), at(4, 11), 'day');
    expect(bars.map((bar) => bar.answers)).toEqual([2, 4, 0, 7]);
  });

  it('loses no answer at any grain', () => {
    const all = hours([1, 3, 5], [9, 22, 7], [20, 1, 11]);
    for (const grain of ['hour', 'day', 'week'] as const) expect(buckets(all, at(21, 0), grain).reduce((sum, bar) => sum + bar.answers, 0)).toBe(23);
  });

  it('is drawn at a grain that fits', () => {
    expect(fittingGrain(hours([3, 9, 1]), at(4, 9))).toBe('hour');
    expect(fittingGrain(hours([3, 9, 1]), at(12, 9))).toBe('day');
    expect(fittingGrain(hours([3, 9, 1]), new Date(2026, 8, 1))).toBe('week');
    expect(buckets([], at(3, 1), 'hour')).toEqual([]);
  });
});

describe('the forecast', () => {
  it('divides what is left by the pace of the last seven days', () => {
    const steady = Array.from({ length: 20 }, (_, day) => ({ hour: at(1 + day, 12).toISOString(), answers: 24 }));
    const result = forecast(steady, 48, at(20, 23));
    expect(result).toMatchObject({ kind: 'pace', basis: "at the last 7 days' pace, nights and weekends included" });
    expect(result.kind === 'pace' && result.perHour).toBeCloseTo(1, 1);
    expect(result.kind === 'pace' && result.hours).toBeCloseTo(48, -1);
  });

  it('says that a short start is a short start', () => {
    const result = forecast(hours([3, 9, 30]), 60, at(3, 12));
    expect(result).toMatchObject({ kind: 'pace', hours: 6, basis: 'at the pace since the first answer (3 hours), if work goes on without a pause' });
  });

  it('promises nothing without a pace', () => {
    expect(forecast([], 5, at(3, 9))).toEqual({ kind: 'unstarted' });
    expect(forecast(hours([1, 9, 3]), 5, at(20, 9))).toMatchObject({ kind: 'idle' });
    expect(forecast(hours([1, 9, 3]), 0, at(20, 9))).toEqual({ kind: 'complete' });
  });
});

it('file sizes', () => {
  expect([bytes(1), bytes(1234), bytes(45_600), bytes(7_800_000)]).toEqual(['1 byte', '1.2 kB', '46 kB', '7.8 MB']);
});
